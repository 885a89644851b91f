import type { Workload } from '@triage/runtime'
import type { Discovery, ServiceDetails } from '@triage/runtime/docker'
import { style, table } from './style.ts'

const short = (hash: string | null | undefined): string => hash?.slice(0, 8) ?? 'none'

function headOf({ name, kind, status, health, replicas }: Workload): string[] {
  const counted = replicas && replicas.desired !== 1 ? `${replicas.running} of ${replicas.desired}` : ''
  return [status === 'running' ? style.good('●') : style.bad('○'), name, kind, status, [health, counted].filter(Boolean).join(' ')]
}

/** What is known of one service, a line for each thing. */
function linesOf({ depends_on, probes, metrics_url, config_hash, baseline_config_hash }: Workload, details?: ServiceDetails): string[][] {
  const drifted = baseline_config_hash !== undefined && baseline_config_hash !== config_hash
  const good = drifted ? style.warn(`, last known good ${short(baseline_config_hash)}`) : baseline_config_hash ? ', as last known good' : ''
  const variables = Object.keys(details?.fingerprint ?? {})
    .flatMap((key) => /^environment\.(.*)/.exec(key)?.[1] ?? [])
    .join(', ')
  return [
    ...(depends_on.length > 0 ? [['needs', depends_on.join(', ')]] : []),
    ...probes.map(({ url }) => ['probe', url]),
    ...(metrics_url ? [['metrics', metrics_url]] : []),
    ...(details?.published.length ? [['ports', details.published.join(', ')]] : []),
    ...(details ? [['image', details.image]] : []),
    ...(variables ? [['env', variables.length > 60 ? `${variables.slice(0, 59)}…` : variables]] : []),
    ['config', `${short(config_hash)}${good}${details ? style.dim(`; compose's ${short(details.compose_hash)}`) : ''}`]
  ].map(([what = '', value = '']) => [style.dim(what), value])
}

/** What holds for several services is said once; at most 78 columns. */
function doubtsOf(unknown: Discovery['unknown']): string[] {
  return [...Map.groupBy(unknown, ({ what }) => what)].map(([what, all]) => {
    const names = all.flatMap(({ name }) => name ?? []).join(', ')
    return `${names ? `${names}: ` : ''}${what}`.replace(
      /(.{1,74})(?:\s+|$)/g,
      (_, line: string, at: number) => `${at === 0 ? '  · ' : '\n    '}${line}`
    )
  })
}

/** A project as it was found, for people. */
export function discoveryText({ project, workloads, services, left_alone, unknown }: Discovery): string {
  const heads = table(workloads.map(headOf)).split('\n')
  const found = workloads.map((workload, i) => `${heads[i]}\n${table(linesOf(workload, services[workload.name]), '      ')}`)
  return [
    style.title(`Project ${project}`),
    ...found,
    ...(left_alone.length > 0 ? [`${style.title('Left alone')} ${left_alone.join(', ')} ${style.dim('(label triage.watch)')}`] : []),
    style.title(unknown.length > 0 ? 'Not found out' : 'Everything was found out'),
    ...doubtsOf(unknown)
  ].join('\n')
}
