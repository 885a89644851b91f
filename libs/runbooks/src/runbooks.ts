// What people wrote down for the next time. Pure, but for loadRunbooks and Meaning.
export { type Excerpt, Library, type Query, queryText } from './library.ts'
export { loadRunbooks } from './load.ts'
export { type Embed, Meaning } from './meaning.ts'
export { parseRunbook, type Runbook } from './runbook.ts'
