// Ed25519 statements of operators: who may sign, what is signed, what it covers.
export { createOperatorKey, type OperatorKeys, openOperatorKey, openOperatorKeys, operatorKeysOf } from './operator-key.ts'
export { nextSwitch, readSafeMode } from './safe-mode.ts'
export { signStatement } from './sign.ts'
export { statementOf } from './statement.ts'
export { verifyApproval } from './verify.ts'
