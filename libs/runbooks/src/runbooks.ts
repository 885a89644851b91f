// What people wrote down for the next time. Pure, but for loadRunbooks.
export { type Excerpt, Library, type Query } from './library.ts'
export { loadRunbooks } from './load.ts'
export { parseRunbook, type Runbook } from './runbook.ts'
