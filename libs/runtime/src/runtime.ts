// The one entry of the runtime: the port, the process driver behind it, and what keeps processes alive and cleans up after them.

export { readBody, send } from './http.ts'
export { lookup } from './lookup.ts'
export { type Cause, type Credential, type Operation, type OpRecord, operationsFile, readOperations } from './op-log.ts'
export type {
  ConfigDiff,
  ConfigText,
  EffectOptions,
  ExecResult,
  LogLine,
  LogQuery,
  RuntimeEvent,
  RuntimeInjector,
  RuntimeReader,
  RuntimeWriter,
  WorkloadStats
} from './port.ts'
export { processRuntime } from './process/driver.ts'
export { ProcessHost } from './process/host.ts'
export { type Reaper, reap, startReaper } from './process/reaper.ts'
export { type ProcessServer, serveProcessHost } from './process/server.ts'
export { type SupervisedProcess, Supervisor } from './supervisor.ts'
export type { Workload, WorkloadKind, WorkloadSpec, WorkloadStatus } from './workload.ts'
