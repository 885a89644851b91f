// How names of services are found. Not by getaddrinfo: it holds one of a process's four threads for ten seconds where nobody answers for a
// name, as Docker's own name server does not on an internal network for a container that is gone. A few probes of such a name, and no
// other name is found either.
import { lookup as systemLookup } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'

const timeoutMs = 700

/** Asks name servers once, and gives up after 700 ms with code ETIMEOUT. What they do not know, the system may: from its hosts file. */
export function namesFrom(resolver: Pick<Resolver, 'resolve4'>): LookupFunction {
  return (name, options, callback) => {
    resolver.resolve4(name).then(
      (addresses) => {
        if (options.all)
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 }))
          )
        else callback(null, addresses[0]!, 4)
      },
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ETIMEOUT') callback(error, '')
        else systemLookup(name, options, callback)
      }
    )
  }
}

export const lookup: LookupFunction = namesFrom(new Resolver({ timeout: timeoutMs, tries: 1 }))
