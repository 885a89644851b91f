// Puts a proxy in the way of what is sent to one address, in the network namespace that this process is in: as root, by iptables.
import { execFileSync } from 'node:child_process'

export interface Redirect {
  /** What is sent to this address … */
  address: string
  port: number
  /** … by others than this user arrives at this port of 127.0.0.1. */
  but: number
  to: number
}

/** What was connected before goes past the redirection, and is reset at the next packet: whoever needs it connects again. */
const rules = ({ address, port, but, to }: Redirect): [table: string, ...rule: string[]][] => {
  const sent = ['-p', 'tcp', '-d', address, '--dport', String(port), '-m', 'owner', '!', '--uid-owner', String(but)]
  return [
    ['nat', ...sent, '-j', 'REDIRECT', '--to-ports', String(to)],
    ['filter', ...sent, '-j', 'REJECT', '--reject-with', 'tcp-reset']
  ]
}

export function redirect(wanted: Redirect): void {
  for (const rule of rules(wanted)) iptables('-A', rule)
}

export function endRedirect(wanted: Redirect): void {
  for (const rule of rules(wanted)) iptables('-D', rule)
}

function iptables(change: '-A' | '-D', [table, ...rule]: [table: string, ...rule: string[]]): void {
  execFileSync('iptables', ['-w', '-t', table, change, 'OUTPUT', ...rule], { stdio: ['ignore', 'ignore', 'pipe'] })
}
