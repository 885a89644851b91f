// How to tell from outside whether a container works: from its ports, its health check and its labels.
import type { Probe } from '@triage/contracts'
import type { ContainerInspectInfo, PortBinding } from 'dockerode'
import { knownImage } from './kind.ts'
import { compose, type Labels, triage } from './labels.ts'

/** Where one looks from: the machine that the engine runs on, or a network of the project. */
export type Vantage = 'host' | 'network'

const timeoutMs = 1500
const maxProbes = 10
const probeLabel = /^(http|tcp):\/\/:(\d{1,5})(\/\S*)?$/
const probeName = /^[a-z0-9][a-z0-9_-]{0,62}$/
const localUrl = /(https?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+))?(\/[^\s"'|&;)]*)?/
const metricsLabel = /^prometheus(?:\.io)?[./_](scrape|scheme|port|path)$/

/** Ports that others may use: published ones, and those that the image or the project exposes. */
export function portsOf({ Config, HostConfig }: ContainerInspectInfo): { published: number[]; exposed: number[] } {
  const tcp = (ports: object | undefined) =>
    Object.keys(ports ?? {})
      .filter((port) => !/\/(udp|sctp)$/.test(port))
      .map((port) => Number.parseInt(port, 10))
      .toSorted((a, b) => a - b)
  return { published: tcp(HostConfig.PortBindings as object), exposed: tcp(Config.ExposedPorts) }
}

/** What the owner's labels say, else what can be guessed. Empty while the container has no address. */
export function probesOf(container: ContainerInspectInfo, vantage: Vantage): Probe[] {
  const labelled = labelledProbes(container.Config.Labels)
  const wanted = labelled.length > 0 ? labelled : guessedProbes(container)
  return wanted
    .flatMap(({ name, kind, port, path }) => {
      const address = addressOf(container, port, vantage)
      return address ? [{ name, kind, url: `${kind}://${address}${path}`, timeout_ms: timeoutMs }] : []
    })
    .slice(0, maxProbes)
}

interface Wanted {
  name: string
  kind: Probe['kind']
  port: number
  path: string
}

/** From labels as `triage.probe.alive: http://:8080/healthz`. What is none is left out: `badProbeLabels` tells. */
function labelledProbes(labels: Labels): Wanted[] {
  return Object.entries(labels).flatMap(([label, value]) => {
    const name = label.startsWith(triage.probe) ? label.slice(triage.probe.length) : ''
    const [, kind, port, path = ''] = (probeName.test(name) && probeLabel.exec(value)) || []
    return kind ? [{ name, kind: kind as Probe['kind'], port: Number(port), path: kind === 'http' ? path || '/' : '' }] : []
  })
}

/** Labels that look like a probe and say none. */
export const badProbeLabels = (labels: Labels): string[] =>
  Object.entries(labels)
    .filter(([label, value]) => label.startsWith(triage.probe) && labelledProbes({ [label]: value }).length === 0)
    .map(([label]) => label)

/**
 * A GET where the health check shows a URL; connections to published ports; else to the one port that is known or exposed:
 * an image may expose ports that nobody listens at.
 */
function guessedProbes(container: ContainerInspectInfo): Wanted[] {
  const { published, exposed } = portsOf(container)
  const checked = healthUrl(container)
  const usual = knownImage(container.Config.Image)?.port ?? (exposed.length === 1 ? exposed[0]! : -1)
  const ports = published.length > 0 ? published : exposed.filter((port) => port === usual)
  return [
    ...(checked ? [{ name: 'health', ...checked }] : []),
    ...ports.filter((port) => port !== checked?.port).map((port) => ({ name: `tcp-${port}`, kind: 'tcp' as const, port, path: '' }))
  ]
}

/** From labels as Prometheus's service discovery is usually told with: prometheus.io/scrape, port, path, scheme. */
export function metricsUrlOf(container: ContainerInspectInfo, vantage: Vantage): string | null {
  const found: Labels = {}
  for (const [label, value] of Object.entries(container.Config.Labels)) {
    const key = metricsLabel.exec(label)?.[1]
    if (key) found[key] = value
  }
  const { published, exposed } = portsOf(container)
  const port = Number(found.port ?? published[0] ?? exposed[0])
  if (found.scrape === 'false' || (found.scrape !== 'true' && !found.port) || !Number.isInteger(port)) return null
  const address = addressOf(container, port, vantage)
  return address && `${found.scheme ?? 'http'}://${address}${found.path ?? '/metrics'}`
}

function healthUrl({ Config }: ContainerInspectInfo): { kind: Probe['kind']; port: number; path: string } | null {
  const { Test = [] } = (Config as { Healthcheck?: { Test?: string[] } }).Healthcheck ?? {}
  const [, scheme, port, path = '/'] = localUrl.exec(Test.join(' ')) ?? []
  if (!scheme) return null
  if (scheme === 'https') return { kind: 'tcp', port: Number(port ?? 443), path: '' }
  return { kind: 'http', port: Number(port ?? 80), path }
}

/** host:port. Null while nobody knows, as when it does not run. */
function addressOf({ Config, HostConfig, NetworkSettings }: ContainerInspectInfo, port: number, vantage: Vantage): string | null {
  if (vantage === 'network') return `${Config.Labels[compose.service] ?? Config.Hostname}:${port}`
  const key = `${port}/tcp`
  const ports = NetworkSettings.Ports as Record<string, PortBinding[] | null>
  const binding = ports[key]?.[0] ?? (HostConfig.PortBindings as Record<string, PortBinding[] | null> | null)?.[key]?.[0]
  if (binding && Number(binding.HostPort) > 0) return `${hostOf(binding.HostIp)}:${binding.HostPort}`
  // On other systems containers run in a machine of their own: their addresses cannot be reached from outside it.
  if (process.platform !== 'linux') return null
  const address = Object.values(NetworkSettings.Networks).find(({ IPAddress }) => IPAddress)?.IPAddress
  return address ? `${address}:${port}` : null
}

const hostOf = (ip: string | undefined) => (!ip || ip === '0.0.0.0' || ip.includes(':') ? '127.0.0.1' : ip)
