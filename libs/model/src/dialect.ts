// What servers of OpenAI's protocol make of it differs. The first request says all that we want in the best way; when a server refuses
// a field by its name, that is said another way, or left out, from then on.
import type { CompletionRequest, Constraint } from './port.ts'

type Fields = Record<string, unknown>
type Way = (request: CompletionRequest) => Fields

const leftOut: Way = () => ({})

/** For each wish, what a refusal of it mentions, and the ways to say it, the best first. */
const wishes: readonly { named: RegExp; ways: readonly Way[] }[] = [
  {
    named: /response_format|json_schema|json_object|schema|grammar|structured/i,
    ways: [
      ({ schema }) => (schema ? { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } } : {}),
      ({ schema }) => (schema ? { response_format: { type: 'json_object' } } : {}),
      leftOut
    ]
  },
  {
    named: /max_tokens|max_completion_tokens/i,
    ways: [
      ({ limits }) => ({ max_tokens: limits.max_output_tokens }),
      ({ limits }) => ({ max_completion_tokens: limits.max_output_tokens })
    ]
  },
  { named: /stream_options|include_usage/i, ways: [() => ({ stream_options: { include_usage: true } }), leftOut] },
  { named: /temperature/i, ways: [({ temperature }) => ({ temperature }), leftOut] },
  { named: /\bseed\b/i, ways: [({ seed }) => (seed === undefined ? {} : { seed }), leftOut] }
]

/** How a model's server wants to be spoken to, as far as is known. Does not change. */
export class Dialect {
  readonly #ways: readonly number[]

  constructor(ways: readonly number[] = wishes.map(() => 0)) {
    this.#ways = ways
  }

  fields(request: CompletionRequest): Fields {
    return Object.assign({}, ...wishes.map((_, i) => this.#said(i, request)))
  }

  constraint(request: CompletionRequest): Constraint {
    const { response_format: format } = this.fields(request) as { response_format?: { type: Constraint } }
    return format?.type ?? 'none'
  }

  /** The dialect that says otherwise what was refused; null when the refusal names nothing that could be. */
  conceding(refusal: string, request: CompletionRequest): Dialect | null {
    const refused = wishes.findIndex(
      ({ named, ways }, i) => named.test(refusal) && this.#ways[i]! + 1 < ways.length && Object.keys(this.#said(i, request)).length > 0
    )
    return refused < 0 ? null : new Dialect(this.#ways.map((way, i) => (i === refused ? way + 1 : way)))
  }

  #said(wish: number, request: CompletionRequest): Fields {
    return wishes[wish]!.ways[this.#ways[wish]!]!(request)
  }
}
