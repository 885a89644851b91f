import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { find, readJson } from './files.ts'

interface Schema {
  [keyword: string]: unknown
  $ref?: string
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
}

/** Objects whose keys are decided elsewhere: labels by the rules of a Prometheus; details of a log line are the service's own; args are checked against the action's schema. */
const open = ['alertmanager-webhook/$defs/label_set', 'log-line/meta', 'plan/$defs/task/args']

const files = new Map(find('contracts/schemas/*.json').map((path) => [basename(path), readJson<Schema>(path)]))
const nameOf = (file: string): string => file.replace('.schema.json', '')

const resolve = (ref: string, from: string): Schema | undefined => {
  const [file, pointer = ''] = ref.split('#')
  const steps = pointer.split('/').filter(Boolean)
  return steps.reduce<Schema | undefined>((schema, step) => schema?.[step] as Schema | undefined, files.get(file || from))
}

/** Calls `visit` for a schema and every schema in it, with a path: file/property or file/$defs/name/property. */
function walk(schema: Schema, path: string, visit: (schema: Schema, path: string) => void): void {
  visit(schema, path)
  for (const [name, inner] of Object.entries(schema.properties ?? {})) walk(inner, `${path}/${name}`, visit)
  for (const [name, inner] of Object.entries((schema.$defs ?? {}) as Record<string, Schema>)) walk(inner, `${path}/$defs/${name}`, visit)
  if (schema.items) walk(schema.items as Schema, `${path}/items`, visit)
}
const everywhere = (visit: (schema: Schema, path: string, file: string) => void): void => {
  for (const [file, schema] of files) walk(schema, nameOf(file), (inner, path) => visit(inner, path, file))
}

test('every object is closed, but for those whose keys are decided elsewhere', () => {
  const left: string[] = []
  everywhere((schema, path) => {
    // A union is as closed as its members.
    if (schema.type === 'object' && !schema.oneOf && schema.additionalProperties !== false) left.push(path)
  })
  expect(left.sort()).toEqual(open)
})

test('every reference leads somewhere', () => {
  everywhere((schema, path, file) => {
    for (const { $ref } of [schema, ...((schema.oneOf as Schema[]) ?? [])]) {
      if ($ref) expect([path, $ref, resolve($ref, file) !== undefined]).toEqual([path, $ref, true])
    }
  })
})

test('every object and every definition says what it is', () => {
  const silent: string[] = []
  everywhere((schema, path) => {
    if ((schema.type === 'object' || /\$defs\/\w+$/.test(path)) && !schema.description) silent.push(path)
  })
  expect(silent).toEqual([])
})

test('every property is described, by itself or by what it refers to; a constant speaks for itself', () => {
  const silent: string[] = []
  everywhere((schema, path, file) => {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const described = property.description ?? (property.$ref && resolve(property.$ref, file)?.description)
      if (!described && !('const' in property)) silent.push(`${path}/${name}`)
    }
  })
  expect(silent).toEqual([])
})

test('the arguments of every action are closed and described', () => {
  const { $comment: _, ...actions } = readJson<Record<string, { args: Schema }>>('contracts/actions.json')
  for (const [type, { args }] of Object.entries(actions)) {
    walk(args, type, (schema, path) => {
      if (schema.type === 'object') expect([path, schema.additionalProperties]).toEqual([path, false])
      if (path !== type) expect([path, Boolean(schema.description)]).toEqual([path, true])
    })
  }
})
