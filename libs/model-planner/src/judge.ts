// What an answer is worth.
import { errors as catalogue, type ErrorCode, type ErrorReport } from '@triage/contracts'
import { readAnswer } from './answer.ts'
import { repairForm } from './form.ts'
import { type Drafted, type PlanContext, planOf } from './plan-of.ts'
import { quote } from './quote.ts'

export type Judgement = { /** What was changed of its form. */ repairs: string[]; object: object | null } & (
  | ({ verdict: 'accepted' } & Drafted)
  | { verdict: 'rejected'; errors: ErrorReport[] }
)

/** Form, shape, plan: the first that does not hold says why. Never throws. */
export function judge(text: string, context: PlanContext): Judgement {
  const form = repairForm(text)
  const { object } = form
  if (!object) return { verdict: 'rejected', repairs: form.repairs, object, errors: [{ code: 'E_ANSWER_FORM', message: form.trouble! }] }
  const { answer, errors, repairs } = readAnswer(object, context.offer)
  const common = { repairs: [...form.repairs, ...repairs], object }
  const drafted = errors.length > 0 ? { errors } : planOf(answer, context)
  return 'errors' in drafted ? { verdict: 'rejected', ...common, errors: drafted.errors } : { verdict: 'accepted', ...common, ...drafted }
}

/** Of many errors the model is told a few. */
const errorsTold = 5

/** One line each: what is wrong, as data, for it may repeat what a model or the world said; and what to do. */
export const errorsForModel = (errors: readonly ErrorReport[]): string =>
  errors
    .slice(0, errorsTold)
    .map(({ code, message }) => `- ${code} ${quote(message, 240)} ${catalogue[code as ErrorCode]?.help ?? ''}`.trimEnd())
    .join('\n')
