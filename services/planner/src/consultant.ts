// Has the models of the chain asked for a plan, one question after the other.
//
// Invariants
// 1. It ends within the budget, counted from the beginning of the round, whatever the models do.
// 2. An answer is judged before anything comes of it, and on record before it is used.
// 3. Few incidents have models asked at a time. Who waits for its turn loses time of its own budget; nobody else waits for it.
import type { Tracked } from '@triage/actor'
import type { Hypothesis, Inventory } from '@triage/contracts'
import type { Model } from '@triage/model'
import { answerSchema, type Briefing, buildPrompt, type Link, mayAskModels, next, reaskTokens, startChain } from '@triage/model-planner'
import type { Rulebook } from '@triage/rulebook'
import { briefingOf, plansTried, policyOf } from './briefing.ts'
import { type Consulted, nobodyAsked } from './consulted.ts'
import type { Desk } from './desk.ts'
import { answerTokens, ask, type Manner } from './question.ts'
import type { Shelf } from './runbooks.ts'
import { Slots } from './slots.ts'

export interface ConsultantOptions extends Manner {
  /** In the order in which they are asked. */
  links: readonly { tier: Link['tier']; model: Model }[]
  shelf: Shelf
  rulebook: Rulebook
  /** Whether models may have a human asked. */
  mayAsk: boolean
  /** From the beginning of a round to the end of asking, milliseconds. */
  budgetMs: number
}

/** Incidents that have models asked at a time: one server on one machine has no more to give. */
const atOnce = 2
/** A description that takes longer is not waited for. */
const describeMs = 2_000
/** Tokens of prompt and answer, of a model that does not say, or not in time. */
const usualContext = 4_096
/** Longer prompts make small models worse and slow ones late. */
const mostPromptTokens = 16_000

export class Consultant {
  readonly #desk: Desk
  readonly #options: ConsultantOptions
  readonly #slots = new Slots(atOnce)

  constructor(desk: Desk, options: ConsultantOptions) {
    this.#desk = desk
    this.#options = options
  }

  /**
   * @param ranked what the rulebook believes, best first
   * @throws the reason of `signal`; whatever keeps an attempt from the record
   */
  async consult(
    tracked: Tracked,
    inventory: Inventory,
    plan_version: number,
    ranked: readonly Hypothesis[],
    signal: AbortSignal
  ): Promise<Consulted> {
    const { state } = tracked
    const { budgetMs, rulebook, shelf, mayAsk } = this.#options
    if (!mayAskModels(plansTried(state))) return nobodyAsked
    // The clock of the facts once, then one that does not jump.
    const began = performance.now() - Math.max(0, Date.now() - state.roundAt)
    const elapsed = (): number => performance.now() - began
    using slot = await this.#slots.take(budgetMs - elapsed(), signal)
    signal.throwIfAborted()
    if (!slot) return nobodyAsked

    const incidents = this.#desk.incidents.known().map((known) => known.state)
    const runbooks = await shelf.find(`${state.report!.text} ${state.question?.answer ?? ''}`, ranked, budgetMs - elapsed())
    signal.throwIfAborted()
    const briefing = briefingOf(state, inventory, ranked, { rulebook, runbooks, incidents, mayAsk })
    const created_at = new Date(state.lastAt).toISOString()
    const context = { incident_id: state.id, plan_version, created_at, briefing, policy: policyOf(state) }
    let chain = startChain(await this.#linksFor(briefing, budgetMs - elapsed()), budgetMs)
    for (;;) {
      const step = next(chain, elapsed())
      const { attempts } = chain
      if (step.do === 'rulebook') return { attempts, accepted: null }
      if (step.do === 'use') return { attempts, accepted: { ...step, wanted: briefing.before?.replan ?? null } }
      const { tier, prompt } = step.link
      const { model } = this.#options.links.find((link) => link.tier === tier)!
      const question = { step, model, context: { ...context, offer: prompt.offer }, round: state.round, follows: tracked }
      chain = await ask(this.#desk, chain, question, this.#options, elapsed, signal)
    }
  }

  /** Those of the models into whose context a prompt fits. */
  async #linksFor(briefing: Briefing, withinMs: number): Promise<Link[]> {
    const made = this.#options.links.map(async ({ tier, model }): Promise<Link[]> => {
      const reasoning = tier === 'smart'
      const room = (await contextOf(model, Math.min(describeMs, withinMs))) - answerTokens[tier] - reaskTokens
      try {
        const prompt = buildPrompt(briefing, Math.min(room, mostPromptTokens), { reasoning })
        return [{ tier, model: model.id, prompt, schema: answerSchema(prompt.offer, { reasoning }) }]
      } catch (error) {
        this.#desk.log.warn({ model: model.id, err: error }, 'no prompt fits into the context of this model')
        return []
      }
    })
    return (await Promise.all(made)).flat()
  }
}

async function contextOf(model: Model, withinMs: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const timer = setTimeout(resolve, withinMs, usualContext)
  // What is wrong with it is told when it is asked.
  model.contextTokens().then(resolve, () => resolve(usualContext))
  return promise.finally(() => clearTimeout(timer))
}
