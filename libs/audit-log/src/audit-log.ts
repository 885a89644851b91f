// An append-only log that anyone can check: a hash chain over the exact bytes of its entries. Pure.
export { type Appended, appendEntry, genesis, lastAppended, type NewEntry } from './append.ts'
export { type AuditVerdict, verifyChain } from './verify.ts'
