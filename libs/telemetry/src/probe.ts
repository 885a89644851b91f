// Asks one probe once, on a connection of its own: a kept connection would hide that nobody listens any more.
import { get } from 'node:http'
import { connect } from 'node:net'
import type { Probe, ProbeFailureAttributes } from '@triage/contracts'
import { lookup } from '@triage/runtime'

export type ProbeResult = { ok: true } | { ok: false; failure: ProbeFailureAttributes['failure']; http_status?: number }

/** The address cannot be reached or found: nobody listens there. */
const refused = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']

/** A GET, its answer read to the end. An answer below 400 passes; redirects are answers. */
const probeHttp = (url: string, signal: AbortSignal): Promise<ProbeResult> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent: false, lookup, signal }, (response) => {
      const status = response.statusCode!
      response.on('end', () => resolve(status < 400 ? { ok: true } : { ok: false, failure: 'status', http_status: status }))
      response.on('error', reject)
      response.resume()
    })
    request.on('error', reject)
  })

const probeTcp = (url: string, signal: AbortSignal): Promise<ProbeResult> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port), lookup, signal })
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.destroy()
      resolve({ ok: true })
    })
  })

function classify(error: unknown): ProbeResult {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ETIMEDOUT') return { ok: false, failure: 'timeout' }
  return { ok: false, failure: code !== undefined && refused.includes(code) ? 'refused' : 'reset' }
}

/**
 * How the probe goes, in at most `timeout_ms`. Whatever the network does is a result.
 * @throws the reason of `signal` when the caller gives up; TypeError when the URL is none
 */
export async function runProbe(probe: Probe, signal: AbortSignal = new AbortController().signal): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(probe.timeout_ms)
  const either = AbortSignal.any([signal, timeout])
  try {
    return await (probe.kind === 'http' ? probeHttp(probe.url, either) : probeTcp(probe.url, either))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TypeError) throw error
    return timeout.aborted ? { ok: false, failure: 'timeout' } : classify(error)
  }
}
