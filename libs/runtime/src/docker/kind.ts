// What a container is, from the name of its image.
import type { Workload, WorkloadKind } from '../workload.ts'

interface Known {
  kind: WorkloadKind
  /** Where it listens unless told. */
  port: number
}

const known: Record<string, Known> = {
  postgres: { kind: 'database', port: 5432 },
  postgis: { kind: 'database', port: 5432 },
  timescaledb: { kind: 'database', port: 5432 },
  mysql: { kind: 'database', port: 3306 },
  mariadb: { kind: 'database', port: 3306 },
  mongo: { kind: 'database', port: 27017 },
  redis: { kind: 'cache', port: 6379 },
  valkey: { kind: 'cache', port: 6379 },
  memcached: { kind: 'cache', port: 11211 },
  nats: { kind: 'queue', port: 4222 },
  rabbitmq: { kind: 'queue', port: 5672 },
  kafka: { kind: 'queue', port: 9092 },
  redpanda: { kind: 'queue', port: 9092 }
}

/** `redis` of `registry.example:5000/library/redis:8@sha256:…`. */
export const imageName = (image: string): string => image.split('/').at(-1)!.split(/[:@]/)[0]!

/** Null for an image of unknown purpose. */
export const knownImage = (image: string): Known | null => {
  const name = imageName(image)
  return Object.hasOwn(known, name) ? known[name]! : null
}

const kinds: readonly string[] = ['service', 'worker', 'database', 'cache', 'queue'] satisfies WorkloadKind[]

/** @param labelled what the owner says that it is, @param listens whether it has ports that others may use */
export function kindOf(image: string, labelled: string | undefined, listens: boolean): Workload['kind'] {
  if (labelled && kinds.includes(labelled)) return labelled as WorkloadKind
  return knownImage(image)?.kind ?? (listens ? 'service' : 'worker')
}
