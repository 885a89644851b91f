// The one entry of the runtime: the port, the process driver behind it, and what keeps processes alive and cleans up after them.

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
export { type ProcessRuntimeOptions, processRuntime } from './process/driver.ts'
export { ProcessHost } from './process/host.ts'
export { bodyOf, type HttpRequest, send } from './process/http.ts'
export type { PidRecord } from './process/pid-file.ts'
export { forgetProcess, type Reaper, type ReaperMode, reap, recordProcess, startReaper } from './process/reaper.ts'
export { type ProcessServer, serveProcessHost } from './process/server.ts'
export { type SupervisedProcess, Supervisor, type SupervisorEvents, type SupervisorLimits } from './supervisor.ts'
export type { Tokens } from './token.ts'
export type { Workload, WorkloadKind, WorkloadSpec, WorkloadStatus } from './workload.ts'
