// The one entry of the Docker driver. It stands apart from the runtime's: dockerode costs a process five megabytes.
export { type Discovery, discover, reachEngine, type ServiceDetails } from './discover.ts'
export { type DockerRuntimeOptions, dockerRuntime } from './driver.ts'
export { Engine } from './engine.ts'
export { frames } from './frames.ts'
export { type DockerProxy, serveDockerProxy } from './proxy/proxy.ts'
export { type Refreshed, refreshBaseline } from './refresh-baseline.ts'
export { takeBaseline } from './take-baseline.ts'
