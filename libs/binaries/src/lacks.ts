// What an older nats-server lacks of what the swarm relies on: features, and the fixes of its permission system.
import { compareVersions, isAtLeast } from './version.ts'

/** `since`: the first release of each line that has it; lines after the last one have it too. */
const needs: readonly { what: string; since: readonly string[] }[] = [
  { what: 'sync_interval', since: ['2.10.0'] },
  { what: 'per-key TTL in KV buckets', since: ['2.11.0'] },
  { what: 'the fix of CVE-2023-47090 (authentication bypass)', since: ['2.9.23', '2.10.2'] },
  { what: 'the fix of CVE-2025-30215 (JetStream API without access checks)', since: ['2.10.27', '2.11.1'] },
  { what: 'the fix of CVE-2026-58251 (queue subscription bypasses deny rules)', since: ['2.11.16', '2.12.7', '2.14.0'] },
  { what: 'the fix of CVE-2026-58253 (no_auth_user bypasses route authentication)', since: ['2.11.16', '2.12.7', '2.14.0'] }
]

const lineOf = (version: string): string => version.split('.').slice(0, 2).join('.')

function has(version: string, since: readonly string[]): boolean {
  const newest = since.toSorted(compareVersions).at(-1)!
  return isAtLeast(version, newest) || since.some((first) => lineOf(first) === lineOf(version) && isAtLeast(version, first))
}

/** One sentence for each thing that this version of nats-server lacks; empty for a good one. */
export function lacksOf(version: string): string[] {
  return needs
    .filter(({ since }) => !has(version, since))
    .map(({ what, since }) => `nats-server ${version} lacks ${what}: it came with ${since.join(', ')}.`)
}
