import { drift, required } from './drift.ts'
import { services } from './fault.ts'

const hosts = ['old', 'replica-2', 'staging', 'internal']
/** The host of an address: what comes after the user, if there is one, and before the port and the path. */
const host = /(?<=^[a-z+]+:\/\/(?:[^/@]*@)?)[^/:@]+(?=[/:]|$)/

export const envDrift = drift(
  {
    description: 'the first address in the environment of the service, by name of the variable, has a wrong host',
    runtimes: ['docker'],
    targets: services
  },
  (config, { pick }) => {
    const environment = config.environment as Record<string, string>
    const addresses = Object.entries(environment).filter(([, value]) => host.test(value))
    const [name, address] = required(addresses.toSorted()[0], 'address in its environment')
    // .invalid never resolves (RFC 6761).
    const wrong = address.replace(host, (right) => `${right}-${hosts[pick(hosts.length)]}.invalid`)
    return { ...config, environment: { ...environment, [name]: wrong } }
  }
)
