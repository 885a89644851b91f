import { kinds } from './kinds.ts'
import type { Place } from './records.ts'
import type { Kind, Spec } from './spec.ts'

/** A way of starting a server. */
export interface Way {
  place: Exclude<Place, 'adopted'>
  kind: Kind
}

/** In the order in which they are tried. */
export const waysOf = ({ kinds }: Pick<Spec, 'kinds'>): Way[] =>
  (['container', 'program'] as const).flatMap((place) => kinds.map((kind) => ({ place, kind })))

export const wayName = ({ place, kind }: Way): string =>
  place === 'container' ? `container of ${kinds[kind].image}` : `${kinds[kind].program} on PATH`
