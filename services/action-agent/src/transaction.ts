// An action is a transaction: snapshot, act, verify, commit or undo.
//
// Invariants
// 1. Nothing is done before its intent is on record.
// 2. What has an outcome is never done again.
// 3. Nothing is done that the gate does not let pass, at the moment when it is done.
// 4. An intent without an outcome is probed for its effect. Only what certainly was not done is done; what cannot be told is
//    UNKNOWN, and a human decides.
import type { TaskAnswer } from '@triage/actor'
import { type EffectOutcome, type ErrorCode, type Expect, type Snapshot, type TaskRequest, TriageError } from '@triage/contracts'
import type { RuntimeWriter } from '@triage/runtime'
import { argsHash, checkCommand, checkIntent } from './check-command.ts'
import type { Effect, EffectContext } from './effects/effect.ts'
import type { Command, Gate } from './gate.ts'
import type { Entry, Ledger } from './ledger.ts'
import { awaitPostcondition, disagreement } from './postcondition.ts'
import type { UndoStore } from './undo-store.ts'

type Log = { info(fields: object, message: string): void }

export class Transaction {
  readonly #runtime: RuntimeWriter
  readonly #ledger: Ledger
  readonly #gate: Gate
  readonly #undoStore: UndoStore
  readonly #log: Log

  constructor(runtime: RuntimeWriter, ledger: Ledger, gate: Gate, undoStore: UndoStore, log: Log) {
    this.#runtime = runtime
    this.#ledger = ledger
    this.#gate = gate
    this.#undoStore = undoStore
    this.#log = log
  }

  async run(request: TaskRequest, command: Command): Promise<TaskAnswer> {
    const { task, idempotency_key: key } = request
    const effect = checkCommand(request)
    const context: EffectContext = { runtime: this.#runtime, request }
    const entry = await this.#ledger.read(key)
    if (entry.intent) checkIntent(entry.intent, request)
    if (entry.outcome) return this.#answer(request, entry.outcome)
    const intended = entry.intent ? entry : await this.#intend(effect, context, command)
    if ('status' in intended) return intended
    // Where it was kept may be out of reach; then it is missed by whoever must undo, and by nobody else.
    const before = effect.undo ? await this.#undoStore.read(key).catch(() => undefined) : null
    const acting: EffectContext = { ...context, ...(before !== undefined && { before }) }
    const done = await this.#actOnce(effect, acting, intended, entry.intent ? command : null)
    const outcome =
      done === 'unknown'
        ? this.#unknown(key)
        : done instanceof TriageError
          ? { state: 'outcome' as const, idempotency_key: key, result: 'failed' as const, error: done.report }
          : await this.#verify(effect, acting, task.expect!, done === 'found done')
    await this.#ledger.conclude(outcome, intended.seq, command)
    return this.#answer(request, outcome)
  }

  /** Puts the intent on record; or answers at once when there is nothing to do or it may not be done. */
  async #intend(effect: Effect, context: EffectContext, command: Command): Promise<Entry | TaskAnswer> {
    const { task, idempotency_key } = context.request
    const workload = await this.#runtime.inspect(task.target)
    const against = await effect.precondition(context, workload)
    if (against) {
      if ((await disagreement(context, task.expect!)) === null) return { status: 'succeeded', summary: `nothing to do: ${against}` }
      const error = new TriageError('E_TASK_PRECONDITION', against)
      return { status: 'failed', summary: against, error }
    }
    const permit = await this.#gate.pass(context.request, workload, command)
    if ('verdict' in permit) {
      await this.#gate.ask(context.request, permit, command)
      return { status: 'waiting', summary: `${task.type} on ${task.target} waits for a human` }
    }
    const undoData = await effect.undoData(context)
    if (undoData !== null) await this.#undoStore.keep(idempotency_key, undoData)
    const snapshot: Snapshot = {
      status: workload.status,
      run_id: workload.run_id,
      ...(workload.config_hash && { config_hash: workload.config_hash }),
      ...(undoData !== null && { undo_ref: idempotency_key })
    }
    const about = { idempotency_key, action: task.type, target: task.target, args_sha256: argsHash(task) }
    const intent = { state: 'intent' as const, ...about, snapshot, ...permit }
    return { intent, outcome: null, seq: await this.#ledger.intend(intent, command) }
  }

  /** @param resumed the command that found an intent on record, if one did; what was permitted then is asked for again. */
  async #actOnce(
    effect: Effect,
    context: EffectContext,
    entry: Entry,
    resumed: Command | null
  ): Promise<'done' | 'found done' | 'unknown' | TriageError> {
    const { task, incident_id } = context.request
    if (resumed) {
      const past = await effect.tookPlace(context, entry.intent!.snapshot)
      this.#log.info({ incident_id, task: task.task_id, past }, 'an earlier attempt ended in between; looked whether it took place')
      if (past !== 'no') return past === 'yes' ? 'found done' : 'unknown'
      const refusal = await this.#refusal(context, resumed)
      if (refusal) return refusal
    }
    this.#log.info({ incident_id, task: task.task_id, action: task.type, target: task.target }, 'acts')
    try {
      await effect.act(context)
      return 'done'
    } catch (error) {
      // What is refused for good, and left no trace, has come to its end: nobody has to look whether it took place.
      const refused = error instanceof TriageError && !error.retry
      if (refused && (await effect.tookPlace(context, entry.intent!.snapshot)) === 'no') return error
      throw error
    }
  }

  /** Why what was permitted before may not be done now, or null. */
  async #refusal({ request, runtime }: EffectContext, command: Command): Promise<TriageError | null> {
    try {
      const { type, target } = request.task
      const permit = await this.#gate.pass(request, await runtime.inspect(target), command)
      if (!('verdict' in permit)) return null
      return new TriageError('E_POLICY_DENIED', `${type} on ${target} was permitted before; now it needs a human: ${permit.why}`)
    } catch (error) {
      const refusal = TriageError.from(error)
      if (refusal.retry) throw refusal
      return refusal
    }
  }

  async #verify(effect: Effect, context: EffectContext, expect: Expect, probed: boolean): Promise<EffectOutcome> {
    const { idempotency_key } = context.request
    const about = { state: 'outcome' as const, idempotency_key, ...(probed && { probed }) }
    const wrong = await awaitPostcondition(context, expect)
    if (wrong === null) return { ...about, result: 'committed' }
    const error = new TriageError('E_TASK_POSTCONDITION', wrong).report
    if (!effect.undo) return { ...about, result: 'failed', error }
    await effect.undo(context, context.before ?? (await this.#undoStore.read(idempotency_key)))
    return { ...about, result: 'undone', error }
  }

  #unknown(idempotency_key: string): EffectOutcome {
    const error = new TriageError('E_EFFECT_UNKNOWN', 'the agent died while it acted, and the target does not tell whether it took place')
      .report
    return { state: 'outcome', idempotency_key, result: 'unknown', error }
  }

  #answer({ task }: TaskRequest, { result, error, probed }: EffectOutcome): TaskAnswer {
    const what = `${task.type} on ${task.target}`
    if (result === 'committed')
      return { status: 'succeeded', summary: `${what}: done${probed ? ', as a probe showed' : ''}, and ${task.expect!.condition} holds` }
    const failure = new TriageError(
      result === 'unknown' ? 'E_EFFECT_UNKNOWN' : ((error?.code as ErrorCode) ?? 'E_TASK_POSTCONDITION'),
      error?.message ?? `${what}: ${result}`
    )
    return { status: result === 'unknown' ? 'unknown' : 'failed', summary: `${what}: ${result}. ${failure.message}`, error: failure }
  }
}
