// Asks the shipped policies again and again and prints what it took, as one JSON object. Started with the action agent's own flags.
import { practiceRules } from '../../../cli/src/launcher/swarm-processes.ts'
import { timeInTurn } from '../lib/durations.ts'

const rounds = Number(process.argv[2])
const rss = (): number => process.memoryUsage.rss() / 1e6
const before = rss()
const began = performance.now()
const { loadPolicies } = await import('@triage/policy')
const engine = loadPolicies(practiceRules.policies)
const load_ms = performance.now() - began

const context = {
  risk: 'disruptive',
  mode: 'auto',
  environment: 'production',
  safe_mode: false,
  approved: false,
  replicas_healthy: 0,
  replicas_left: 0,
  actions_last_hour: 3,
  actions_last_hour_on_target: 1,
  blast_radius: 1
} as const
const target = { name: 'orders', kind: 'service', managed: true } as const
const decide = (change: object) =>
  engine.decide({ agent: 'action-agent', action: 'service.restart', target, context: { ...context, ...change } })

const asked = performance.now()
const verdicts = [decide({}), decide({ replicas_healthy: 1 }), decide({ mode: 'observe' })].map(({ verdict }) => verdict)
const first_ms = (performance.now() - asked) / verdicts.length
const took = await timeInTurn(rounds, {
  permit: () => void decide({}),
  needs_approval: () => void decide({ replicas_healthy: 1 }),
  forbid: () => void decide({ mode: 'observe' })
})
console.log(JSON.stringify({ verdicts, load_ms, first_ms, rss_mb: rss() - before, took_ms: took }))
