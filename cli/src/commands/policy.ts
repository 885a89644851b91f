import { TriageError } from '@triage/contracts'
import { Command } from 'commander'
import { practiceRules } from '../launcher/swarm-processes.ts'
import { style, table } from '../render/style.ts'
import { commonOf, print } from './options.ts'

// The engine is large: only these commands load it.
const engine = () => import('@triage/policy')

const check = new Command('check')
  .description('read every .cedar file and hold it to the schema; names file and line of the first error')
  .argument('[folder]', 'folder of the policies', practiceRules.policies)
  .action(async (folder: string, _, command: Command) => {
    const { loadPolicies } = await engine()
    const { size } = loadPolicies(folder)
    print(commonOf(command), { folder, policies: size }, () => `${style.good('valid')}: ${size} policies in ${folder}`)
  })

const tests = new Command('test')
  .description('run the tables (*.test.json) beside the policies')
  .argument('[folder]', 'folder of the policies', practiceRules.policies)
  .action(async (folder: string, _, command: Command) => {
    const { loadPolicies, runTables } = await engine()
    const results = runTables(folder, loadPolicies(folder))
    const failed = results.filter(({ ok }) => !ok)
    print(commonOf(command), { folder, tests: results.length, failed }, () =>
      table(
        results.map(({ ok, name, expected, decision }) => [
          ok ? style.good('✓') : style.bad('✗'),
          name,
          ok
            ? style.dim(decision.verdict)
            : style.bad(`${decision.verdict} by ${decision.policies.join(', ') || 'nobody'}, not ${expected}`)
        ])
      )
    )
    if (results.length === 0) throw new TriageError('E_POLICY_TEST', `${folder} has no *.test.json`)
    if (failed.length > 0) throw new TriageError('E_POLICY_TEST', `${failed.length} of ${results.length}: ${failed[0]!.name}`)
  })

export const policyCommand = (): Command =>
  new Command('policy').description('the policies that stand before every change').addCommand(check).addCommand(tests)
