// Facts and errors in words, for people. Pure.
export { type Explanation, explainError } from './error.ts'
export { explainIncident, type Story, storyOf, storyText } from './incident.ts'
