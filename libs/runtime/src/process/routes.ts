// The HTTP API of a process host: what each request does, and what it takes to be allowed.

import type { Cause, Credential } from '../op-log.ts'
import type { ProcessHost } from './host.ts'
import { parseArgv, parseLogQuery, parseSignal, parseSpec, parseText } from './parse.ts'

/** A request that is allowed. */
export interface Call {
  host: ProcessHost
  /** Workload that the path names, '' when it names none. */
  name: string
  query: URLSearchParams
  body: Record<string, unknown>
  cause: Cause
}

interface Route {
  needs: Credential
  /** The result goes to the client as JSON, nothing as {}. */
  handle(call: Call): unknown
}

/** By method and path; `*` stands for the name of a workload. GET /watch is a stream and stands in the server. */
const routes: Record<string, Route> = {
  'GET /workloads': { needs: 'reader', handle: ({ host }) => host.list() },
  'GET /workloads/*': { needs: 'reader', handle: ({ host, name }) => host.inspect(name) },
  'GET /workloads/*/logs': { needs: 'reader', handle: ({ host, name, query }) => host.logs(name, parseLogQuery(query)) },
  'GET /workloads/*/config/diff': { needs: 'reader', handle: ({ host, name }) => host.configDiff(name) },
  'GET /stats': { needs: 'reader', handle: ({ host }) => host.stats() },
  'GET /workloads/*/config': { needs: 'writer', handle: ({ host, name }) => host.getConfig(name) },
  'PUT /workloads/*/config': {
    needs: 'writer',
    handle: ({ host, name, body, cause }) => host.setConfig(name, parseText(body.text), cause)
  },
  'POST /workloads/*/start': { needs: 'writer', handle: ({ host, name, cause }) => host.start(name, cause) },
  'POST /workloads/*/stop': { needs: 'writer', handle: ({ host, name, cause }) => host.stop(name, cause) },
  'POST /workloads/*/restart': { needs: 'writer', handle: ({ host, name, cause }) => host.restart(name, cause) },
  'POST /workloads/*/kill': { needs: 'writer', handle: ({ host, name, body, cause }) => host.kill(name, parseSignal(body.signal), cause) },
  'POST /workloads/*/exec': { needs: 'writer', handle: ({ host, name, body, cause }) => host.exec(name, parseArgv(body.argv), cause) },
  'POST /workloads/*/beside': {
    needs: 'injector',
    handle: ({ host, name, body, cause }) => host.launch(parseSpec(body.spec), name, cause)
  },
  'DELETE /workloads/*': { needs: 'injector', handle: ({ host, name, cause }) => host.remove(name, cause) }
}

/** The route of a request and the workload that it names. */
export function findRoute(method: string, path: string): { route: Route; name: string } | null {
  const [, workloads, name, ...rest] = path.split('/')
  const pattern = workloads === 'workloads' && name ? ['/workloads/*', ...rest].join('/') : path
  const key = `${method} ${pattern}`
  return Object.hasOwn(routes, key) ? { route: routes[key]!, name: name ?? '' } : null
}
