// Turns schemas/, subjects.json, actions.json and errors.json into types, validators and reference pages.
// `--check` writes nothing and fails when what is on disk differs.
//
// Validators are compiled here, not at run time: a process of the swarm starts without a schema compiler in memory,
// and schemas are trusted as code that was reviewed (docs/decisions/0002-compiled-validators.md).
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compile } from 'json-schema-to-typescript'
import { banner, compileValidators, emit } from './compile.ts'
import { actionsPage, errorsPage, subjectsPage } from './reference-pages.ts'

type Json = Record<string, unknown>
const root = join(import.meta.dirname, '..')
const read = async (path: string): Promise<Json> => JSON.parse(await readFile(join(root, path), 'utf8')) as Json

/** `plan.schema.json#/$defs/task` → `plan__task`; `plan.schema.json` → `plan`. */
const keyOf = (ref: string, file: string): string => {
  const [target, pointer = ''] = ref.split('#')
  const base = (target || file).replace('.schema.json', '')
  return pointer ? `${base}__${pointer.replace('/$defs/', '')}` : base
}
const rewrite = (node: unknown, file: string): unknown => {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, file))
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).filter(([key]) => !['$defs', '$id', '$schema', '$comment'].includes(key))
  const out = Object.fromEntries(
    entries.map(([key, value]) => [key, key === '$ref' ? `#/$defs/${keyOf(value as string, file)}` : rewrite(value, file)])
  )
  // A shared type keeps its own name and description: those beside a reference are for the reader of the schema.
  return '$ref' in out ? { $ref: out.$ref } : out
}

async function bundle(actions: Json): Promise<Json> {
  const defs: Json = {}
  for (const file of (await readdir(join(root, 'schemas'))).sort()) {
    const schema = await read(`schemas/${file}`)
    const base = file.replace('.schema.json', '')
    for (const [name, def] of Object.entries((schema.$defs as Json) ?? {})) defs[`${base}__${name}`] = rewrite(def, file)
    const isLibrary = Object.keys((schema.properties as Json) ?? {}).length === 0 && !schema.oneOf
    if (!isLibrary) defs[base] = rewrite(schema, file)
  }
  for (const [type, action] of Object.entries(actions)) {
    const title = `${type.replace(/(^|[._])(\w)/g, (_, __, c: string) => c.toUpperCase())}Args`
    defs[`args__${type.replace('.', '__')}`] = { title, description: `Arguments of ${type}.`, ...((action as Json).args as Json) }
  }
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'contracts', $defs: defs }
}

async function types(schema: Json, messageTypes: Record<string, string>): Promise<string> {
  const defs = schema.$defs as Record<string, Json>
  const properties = Object.fromEntries(Object.keys(defs).map((key) => [key, { $ref: `#/$defs/${key}` }]))
  const body = await compile(
    { ...schema, title: 'Contracts', type: 'object', additionalProperties: false, properties, required: Object.keys(defs) } as never,
    'Contracts',
    {
      bannerComment: '',
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      style: { singleQuote: true, semi: false, printWidth: 140 }
    }
  )
  const map = Object.entries(messageTypes).map(([type, ref]) => `  '${type}': Contracts['${keyOf(ref, '')}']`)
  return `${banner}${body}\n/** The payload of each message type. */\nexport interface PayloadByType {\n${map.join('\n')}\n}\n`
}

function validators(schema: Json, messageTypes: Record<string, string>): string {
  const keys = Object.keys(schema.$defs as Json)
  const names = Object.fromEntries(keys.map((key) => [`v_${key.replaceAll('-', '_')}`, `contracts#/$defs/${key}`]))
  const byKey = keys.map((key) => `  '${key}': v_${key.replaceAll('-', '_')}`)
  const byType = Object.entries(messageTypes).map(([type, ref]) => `  '${type}': v_${keyOf(ref, '').replaceAll('-', '_')}`)
  return `${compileValidators(schema as Json & { $id: string }, names)}export const validators = {\n${byKey.join(',\n')}\n}\nexport const payloadValidators = {\n${byType.join(',\n')}\n}\n`
}

const subjects = await read('subjects.json')
const { $comment: _a, ...actions } = await read('actions.json')
const { $comment: _b, ...errors } = await read('errors.json')
const messageTypes = subjects.types as Record<string, string>
const schema = await bundle(actions)
const outputs = {
  'src/generated/types.ts': await types(schema, messageTypes),
  'src/generated/validators.js': validators(schema, messageTypes),
  'src/generated/validators.d.ts': `${banner}export interface Validator {\n  (data: unknown): boolean\n  errors?: { instancePath: string; message?: string; keyword: string; params: Record<string, unknown> }[] | null\n}\nexport const validators: Record<string, Validator>\nexport const payloadValidators: Record<string, Validator>\n`,
  '../docs/reference/errors.md': errorsPage(errors as never),
  '../docs/reference/actions.md': actionsPage(actions as never),
  '../docs/reference/subjects.md': subjectsPage(subjects as never)
}
await emit(Object.fromEntries(Object.entries(outputs).map(([path, text]) => [join(root, path), text])))
