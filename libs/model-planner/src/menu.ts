// What may be aimed at what, as a model is told and held to it.
import { type ActionType, actions, type InventoryService, isActionType, type Observation, validArgs } from '@triage/contracts'

/** Any of the types may be aimed at any of the targets, with these arguments. */
export interface Choice {
  types: readonly ActionType[]
  targets: readonly string[]
  /** JSON Schema of each argument that must be given. */
  args: Readonly<Record<string, object>>
}

const sorted = <T extends string>(names: Iterable<T>): T[] => [...new Set(names)].sort()
const needed = (type: ActionType): readonly string[] => actions[type].args.required

/** Values of an argument that were observed and are valid: a name of a thing in the world is never made up. */
function observedValues(type: ActionType, name: string, observations: readonly Observation[]): string[] {
  const values = observations.map(({ attributes }) => (attributes as unknown as Record<string, unknown>)[name])
  return sorted(values.filter((value) => typeof value === 'string').filter((value) => validArgs(type, { [name]: value }) === null))
}

/** The schemas of the arguments that a type needs; null when a text is needed and none was observed. */
export function argsOf(type: ActionType, observations: readonly Observation[]): Record<string, object> | null {
  const entries = needed(type).map((name) => {
    const schema = actions[type].args.properties[name]!
    const isName = schema.type === 'string' && !schema.enum
    return [name, isName ? { type: 'string', enum: observedValues(type, name, observations) } : schema] as const
  })
  return entries.some(([, schema]) => schema.enum?.length === 0) ? null : Object.fromEntries(entries)
}

/** Types that each service permits and that need no arguments, as one word. */
const permitted = ({ actions: names }: InventoryService): ActionType[] => sorted(names.filter(isActionType))

/** Every choice. A service stands in one of those without arguments, so that what this makes grows with the services alone. */
export function menuOf(services: readonly InventoryService[], observations: readonly Observation[]): Choice[] {
  const sets = Map.groupBy(services, (service) =>
    permitted(service)
      .filter((type) => needed(type).length === 0)
      .join(' ')
  )
  const plain = [...sets]
    .filter(([types]) => types !== '')
    .map(([types, members]) => ({ types: types.split(' ') as ActionType[], targets: sorted(members.map(({ name }) => name)), args: {} }))
  const withArgs = sorted(services.flatMap(permitted))
    .filter((type) => needed(type).length > 0)
    .flatMap((type) => {
      const args = argsOf(type, observations)
      const targets = sorted(services.filter((service) => permitted(service).includes(type)).map(({ name }) => name))
      return args ? [{ types: [type], targets, args }] : []
    })
  return [...plain.sort((a, b) => (a.targets[0]! < b.targets[0]! ? -1 : 1)), ...withArgs]
}
