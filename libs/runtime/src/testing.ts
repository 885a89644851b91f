// What tests need of a runtime, and a real one of processes with the workloads that they need: `await using world = await testRuntime(…)`.
import { type Credential, type OpRecord, readOperations } from './op-log.ts'
import type { RuntimeInjector } from './port.ts'
import { processRuntime } from './process/driver.ts'
import { ProcessHost } from './process/host.ts'
import { serveProcessHost } from './process/server.ts'
import { tempFolder } from './process/test-environment.ts'
import type { WorkloadSpec } from './workload.ts'

export { node, spec, tempFolder } from './process/test-environment.ts'
export { workload } from './test-workload.ts'
export { until } from './until.ts'

export interface TestRuntime extends AsyncDisposable {
  host: ProcessHost
  /** The port over HTTP, with what the credential may do. */
  as(credential: Credential): RuntimeInjector
  /** What was done so far, oldest first. */
  ops(): OpRecord[]
}

/** Starts the workloads and marks their configuration as good. @param manifest gets a folder for what the workloads need */
export async function testRuntime(manifest: (folder: string) => WorkloadSpec[]): Promise<TestRuntime> {
  const folder = tempFolder()
  const host = new ProcessHost(folder.path, manifest(folder.path))
  await host.startAll()
  host.markBaseline()
  const server = await serveProcessHost(host)
  return {
    host,
    as: (credential) => processRuntime({ url: server.url, token: server.tokens[credential] }),
    ops: () => readOperations(folder.path),
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await host.close()
      folder[Symbol.dispose]()
    }
  }
}
