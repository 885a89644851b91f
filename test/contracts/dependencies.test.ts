import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { find, isForTests, read, readJson } from './files.ts'

interface Manifest {
  name: string
  exports?: unknown
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
interface Import {
  /** File that imports, relative to the project. */
  file: string
  /** Folder of its package. */
  from: string
  /** As it is written. */
  specifier: string
  /** Folder of the package that it leads to, when it is one of ours. */
  to: string | undefined
}

const manifests = new Map(
  find('{contracts,minicloud,scenarios,cli,test}/package.json', '{libs,services}/*/package.json').map((path) => [
    dirname(path),
    readJson<Manifest>(path)
  ])
)
const folderOf = new Map([...manifests].map(([folder, { name }]) => [name, folder]))
const packageOf = (file: string): string => [...manifests.keys()].find((folder) => file.startsWith(`${folder}/`))!
/** @scope/name/path → @scope/name; name/path → name. */
const packageName = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

const files = find(...[...manifests.keys()].map((folder) => `${folder}/**/*.{ts,js}`)).filter(
  (path) => !/node_modules|\/generated\//.test(path)
)
const imports: Import[] = files.flatMap((file) =>
  [...read(file).matchAll(/^(?:import|export)\b[^'"]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3])!
    const to = specifier.startsWith('.') ? packageOf(normalize(join(dirname(file), specifier))) : folderOf.get(packageName(specifier))
    return { file, from: packageOf(file), specifier, to }
  })
)
const inSources = imports.filter(({ file }) => !isForTests(file))
/** Imports from one place into another, as sentences. */
const offences = (list: Import[], from: RegExp, to: RegExp): string[] =>
  list
    .filter((one) => from.test(one.from) && one.to && one.to !== one.from && to.test(one.to))
    .map(({ file, specifier }) => `${file} imports ${specifier}`)

test('imports are found', () => {
  expect(imports.length).toBeGreaterThan(300)
  expect(inSources.some(({ from, to }) => from === 'services/scheduler' && to === 'libs/bus')).toBe(true)
})

test('contracts import nothing of ours', () => {
  expect(offences(inSources, /^contracts$/, /./)).toEqual([])
})

test('libs import libs and contracts only', () => {
  expect(offences(imports, /^libs\//, /^(?!libs\/|contracts$)/)).toEqual([])
})

test('no service imports another, nor the command line, the patient or the scenarios', () => {
  expect(offences(imports, /^services\//, /^(?!libs\/|contracts$)/)).toEqual([])
})

test('of the services only the list of faults is read from outside', () => {
  const outside = offences(inSources, /^(?!services\/)/, /^services\//)
  expect(outside.filter((sentence) => !sentence.endsWith(' imports @triage/injector'))).toEqual([])
})

test('a package is entered by its name, never by a path into it; but for what its tests share', () => {
  const paths = inSources.filter(({ from, to, specifier }) => specifier.startsWith('.') && to !== from)
  expect(paths.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
})

test('one folder knows each foreign system', () => {
  const alone: [RegExp, string][] = [
    [/^@nats-io\//, 'libs/bus'],
    [/^@cedar-policy\//, 'libs/policy'],
    [/^pidusage$/, 'libs/runtime'],
    [/^dockerode$/, 'libs/runtime'],
    [/^pino$/, 'libs/log'],
    [/^ollama$/, 'libs/model']
  ]
  for (const [foreign, folder] of alone) {
    // The patient has a queue of its own: it is not part of the swarm.
    const importers = inSources.filter(({ specifier, from }) => foreign.test(packageName(specifier)) && from !== 'minicloud')
    expect([String(foreign), [...new Set(importers.map(({ from }) => from))]]).toEqual([String(foreign), [folder]])
  }
})

test('what a package imports it declares: for its sources, or for its tests', () => {
  const forAll = Object.keys(readJson<Manifest>('package.json').devDependencies ?? {})
  const undeclared = imports.filter(({ file, from, specifier, to }) => {
    if (/^(node:|\.)/.test(specifier) || to === from) return false
    const { dependencies = {}, devDependencies = {} } = manifests.get(from)!
    return ![...Object.keys({ ...dependencies, ...(isForTests(file) && devDependencies) }), ...forAll].includes(packageName(specifier))
  })
  expect(undeclared.map(({ file, specifier }) => `${file} imports ${specifier}`)).toEqual([])
})

test('nothing is declared for the sources and for the tests', () => {
  const twice = [...manifests].flatMap(([folder, { dependencies = {}, devDependencies = {} }]) =>
    Object.keys(devDependencies).flatMap((name) => (Object.hasOwn(dependencies, name) ? `${folder} declares ${name} twice` : []))
  )
  expect(twice).toEqual([])
})

test('what a package declares of ours exists and is used', () => {
  const shipped = [...manifests].filter(([folder]) => folder !== 'test')
  const idle = shipped.flatMap(([folder, { dependencies = {}, devDependencies = {} }]) => {
    const used = new Set(imports.filter(({ from }) => from === folder).map(({ specifier }) => packageName(specifier)))
    const ours = Object.keys({ ...dependencies, ...devDependencies }).filter((name) => name.startsWith('@triage/'))
    return ours.filter((name) => !used.has(name) || !folderOf.has(name)).map((name) => `${folder} declares ${name}`)
  })
  expect(idle).toEqual([])
})
