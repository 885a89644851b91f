// Tables of decisions beside the policies: each row a question and the decision that is expected.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { actions, isActionType, TriageError } from '@triage/contracts'
import type { PolicyEngine } from './engine.ts'
import type { Decision, PolicyContext, Question } from './question.ts'

/** A question by what differs from the usual: one healthy service among few changes, in mode auto. */
interface Asked {
  action: string
  agent?: string
  target?: Partial<Question['target']>
  context?: Partial<PolicyContext>
}

interface Row extends Asked {
  name: string
  expect: Decision['verdict']
  /** Policies that must be among those that decided. */
  by?: string[]
}

interface TableResult {
  file: string
  name: string
  expected: Decision['verdict']
  decision: Decision
  ok: boolean
}

const usual: Omit<PolicyContext, 'risk'> = {
  mode: 'auto',
  environment: 'production',
  safe_mode: false,
  approved: false,
  replicas_healthy: 0,
  replicas_left: 0,
  actions_last_hour: 0,
  actions_last_hour_on_target: 0,
  blast_radius: 1
}

export function questionOf({ action, agent = 'action-agent', target, context }: Asked): Question {
  if (!isActionType(action)) throw new Error(`there is no action ${action}`)
  const { risk } = actions[action]
  return { agent, action, target: { name: 'orders', kind: 'service', managed: true, ...target }, context: { ...usual, risk, ...context } }
}

/** Runs every *.test.json of a folder. Throws E_POLICY_TEST when a table cannot be read. */
export function runTables(folder: string, engine: PolicyEngine): TableResult[] {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.test.json'))
    .sort()
  return files.flatMap((file) => {
    try {
      const rows = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Row[]
      return rows.map((row) => {
        const decision = engine.decide(questionOf(row))
        const ok = decision.verdict === row.expect && (row.by ?? []).every((id) => decision.policies.includes(id))
        return { file, name: row.name, expected: row.expect, decision, ok }
      })
    } catch (error) {
      throw new TriageError('E_POLICY_TEST', `${file}: ${(error as Error).message}`, { cause: error })
    }
  })
}
