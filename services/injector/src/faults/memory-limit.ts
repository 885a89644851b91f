import { drift } from './drift.ts'
import { services } from './fault.ts'

/** Enough for a container to be started and for no Node to come up in. */
const memoryBytes = 10 * 1024 ** 2

export const memoryLimit = drift(
  { description: 'the memory limit of the container is lower than what the service needs', runtimes: ['docker'], targets: services },
  (config) => ({ ...config, limits: { ...(config.limits as object), memory_bytes: memoryBytes } })
)
