// Secrets of every kind planted wherever something comes in, and looked for wherever something goes out or is kept.
import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { secretsIn } from '@triage/redact/testing'
import { afterAll, expect, test } from 'vitest'
import { commandOn } from '../support/command.ts'
import { startBench } from '../support/swarm.ts'

const canaries = {
  environment: secretsIn('Env1ron'),
  report: secretsIn('Rep0rt'),
  json_report: secretsIn('Js0nReport'),
  reporter: secretsIn('Rep0rter').slice(0, 1),
  rejected_report: secretsIn('Rej3cted'),
  config_and_log: secretsIn('C0nfig'),
  request: secretsIn('Requ3st')
}
const text = (planted: readonly (readonly [string, string, string])[]): string => planted.map(([, written]) => written).join('\n')

// Before anything is started.
for (const [i, [, , secret]] of canaries.environment.entries()) process.env[`CANARY_${i}_PASSWORD`] = secret
const bench = await startBench()
const { swarm, session } = bench
afterAll(async () => bench[Symbol.asyncDispose]())

const outputs: Record<string, Buffer> = {}
const command = commandOn(swarm.data)
async function triage(...args: string[]): Promise<void> {
  const { stdout, stderr } = await command(args)
  outputs[`triage ${args.join(' ').slice(0, 40)}`] = Buffer.from(`${stdout}\n${stderr}`)
}

/** Every file under a folder, with its bytes. A file that went while we looked is none. */
function* filesIn(folder: string): Generator<[string, Buffer]> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    try {
      yield [path, readFileSync(path)]
    } catch {
      // Gone.
    }
  }
}

/** The others the operator may not read: they are searched as the server's files. */
const readable = ['INTAKE', 'INCIDENTS', 'EFFECTS', 'SAFETY', 'RECORDS', 'AUDIT', 'CHECKPOINTS', 'DEADLETTER'] as const

async function* places(): AsyncGenerator<[string, Uint8Array]> {
  for (const name of readable)
    for await (const { subject, seq, body } of session.bus.history(name)) yield [`${name} ${seq} ${subject}`, body]
  yield* filesIn(swarm.data)
  yield ['operations', readFileSync(join(swarm.run, 'ops.jsonl'))]
  yield* Object.entries(outputs)
}

/** Where each secret was found. */
async function leaks(): Promise<string[]> {
  const found: string[] = []
  for await (const [place, bytes] of places()) {
    const content = Buffer.from(bytes)
    for (const [input, planted] of Object.entries(canaries))
      for (const [kind, , secret] of planted) if (content.includes(secret)) found.push(`${kind} of ${input} in ${place}`)
  }
  return found
}

test('the secrets that are planted come in', async () => {
  const { host } = swarm.patient
  const config = JSON.parse(host.getConfig('orders').text) as { database: object }
  const drifted = {
    ...config,
    vendor: text(canaries.config_and_log),
    database: { ...config.database, host: `${text(canaries.config_and_log)}.invalid` }
  }
  await host.setConfig('orders', JSON.stringify(drifted, null, 2), { by: 'host' })
  await host.restart('orders', { by: 'host' })
  for (const [, written] of canaries.request)
    await fetch(`${swarm.patient.storefrontUrl}/products/${encodeURIComponent(written)}?q=${encodeURIComponent(written)}`).catch(() => {})
  expect(host.getConfig('orders').text).toContain(canaries.config_and_log[0]![2])
})

test('an incident runs to its end on them', async () => {
  const { lastSeq } = await session.bus.size('INCIDENTS')
  await triage('report', '--follow', `nobody can pay\n${text(canaries.report)}`)
  const reporter = text(canaries.reporter).slice(0, 200)
  await triage('report', JSON.stringify({ text: `slow\n${text(canaries.json_report)}`, reporter }))
  await triage('report', `{"text":"x","${canaries.rejected_report[0]![2]}":${JSON.stringify(text(canaries.rejected_report))}}`)
  await session.report(Buffer.from(`\u0000${text(canaries.rejected_report)}`))
  await session.until((fact) => fact.type === 'incident.report-rejected.v1' && fact.payload.error.code === 'E_REPORT_BINARY', {
    from: lastSeq + 1,
    timeoutMs: 20_000
  })
  const story = await session.story([...(await session.stories()).keys()].at(-4)!)
  expect(story.state.end).toMatchObject({ kind: 'recovered' })
  // They were there to be found: in the report, in what was logged, and in what undoing the repair would need.
  expect(story.state.report!.text).toContain('nobody can pay\n***')
  const seen = story.facts.flatMap((fact) => (fact.type === 'incident.observed.v1' ? fact.payload.observations : []))
  expect(
    seen
      .filter(({ kind, service }) => kind === 'log_template' && service === 'orders')
      .map(({ summary }) => summary)
      .join()
  ).toContain('***')
  expect([...filesIn(join(swarm.data, 'undo'))].length).toBeGreaterThan(0)
})

test('and none of them is in a stream, a file, a log or an output', async () => {
  await triage('incidents')
  await triage('--json', 'incidents')
  for (const id of (await session.stories()).keys()) await triage('--json', 'show', id, '--timeline')
  await triage('show', 'last', '--timeline')
  await triage('--json', 'status')
  await triage('doctor')
  await triage('--json', 'keys', 'list')
  await triage('audit', 'export', join(swarm.data, 'export.jsonl'))
  await expect.poll(async () => (await session.bus.size('INTAKE')).messages).toBe(0)
  const planted = Object.values(canaries).reduce((sum, { length }) => sum + length, 0)
  expect(await leaks()).toEqual([])
  process.stderr.write(`${planted} canaries planted in ${Object.keys(canaries).length} inputs, 0 found\n`)
})
