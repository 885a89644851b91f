// The program: stands between a container, whose network namespace it shares, and one upstream, until it is told to end.
//   node libs/toxics/src/main.ts '{"upstream":{"host":"postgres","port":5432},"toxics":[…],"seed":1}'
// It prints nothing: what it writes, anybody who reads logs may read.
import { lookup } from 'node:dns/promises'
import { serveToxicProxy, type ToxicProxyOptions } from './proxy.ts'
import { endRedirect, type Redirect, redirect } from './redirect.ts'

/** Whom the proxy's own connections belong to, so that they are not redirected: an id that nobody else has. */
const uid = 64_999
/** An upstream that was made anew may have another address. */
const lookMs = 1000

const options = JSON.parse(process.argv[2]!) as ToxicProxyOptions
const { host, port } = options.upstream
const proxy = await serveToxicProxy(options)
let current: Redirect | null = null
let ended = false

/** Null: none. */
function change(address: string | null): void {
  process.seteuid!(0)
  if (current) endRedirect(current)
  current = address === null ? null : { address, port, but: uid, to: proxy.port }
  if (current) redirect(current)
  process.seteuid!(uid)
}

async function follow(): Promise<void> {
  // While the name is unknown, the last address stays.
  const { address } = await lookup(host, 4).catch(() => ({ address: current?.address }))
  if (address && address !== current?.address && !ended) change(address)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    ended = true
    change(null)
    void proxy.close().then(() => process.exit())
  })
await follow()
setInterval(() => void follow(), lookMs)
