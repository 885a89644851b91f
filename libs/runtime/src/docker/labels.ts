// The labels that containers are found and described by.

/** Written by Docker Compose. */
export const compose = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  dependsOn: 'com.docker.compose.depends_on',
  /** Of what the compose file says of the service. */
  configHash: 'com.docker.compose.config-hash',
  network: 'com.docker.compose.network'
} as const

/** Ours. The owner of a project may set watch, kind, log_format, command.<name> and probe.<name>; the others are written by the driver. */
export const triage = {
  /** `false`: not for us to look at, let alone to touch. */
  watch: 'triage.watch',
  kind: 'triage.kind',
  logFormat: 'triage.log_format',
  /** triage.command.<name>: program and first arguments, as a JSON array or separated by spaces. */
  command: 'triage.command.',
  /** triage.probe.<name>: http://:port/path or tcp://:port, at the service's own address. */
  probe: 'triage.probe.',
  /** Name of a container that nobody declared, and of the service that it was launched beside. */
  launched: 'triage.launched',
  beside: 'triage.beside',
  /** JSON list of the paths of files that were put into the container when it was recreated. */
  files: 'triage.files'
} as const

export type Labels = Record<string, string>

/** Name of the workload that a container is part of; null for one that is none, as a container of `docker compose run`, or none of our business. */
export function workloadOf(labels: Labels): string | null {
  if (labels[triage.watch] === 'false') return null
  if (labels[triage.launched]) return labels[triage.launched]!
  return labels[compose.oneoff] === 'True' ? null : (labels[compose.service] ?? null)
}

export const numberOf = (labels: Labels): number => Number(labels[compose.number] ?? 1)

/** From `db:service_healthy:false,cache:service_started:false`. */
const startConditions = (labels: Labels): { name: string; condition: string }[] =>
  (labels[compose.dependsOn] ?? '').split(',').flatMap((dependency) => {
    const [name = '', condition = ''] = dependency.trim().split(':')
    return name ? [{ name, condition }] : []
  })

const toItsEnd = 'service_completed_successfully'

/** Services that have to end well before this one is started: jobs, as migrations are. */
export const jobsBefore = (labels: Labels): string[] =>
  startConditions(labels).flatMap(({ name, condition }) => (condition === toItsEnd ? [name] : []))

/** Services that it needs while it runs, by name. */
export const dependenciesOf = (labels: Labels): string[] =>
  startConditions(labels)
    .flatMap(({ name, condition }) => (condition === toItsEnd ? [] : [name]))
    .toSorted()
