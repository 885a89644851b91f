// The project's files, as the tests of this folder read them.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A file's text. `path` is relative to the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
export const readJson = <T>(path: string): T => JSON.parse(read(path)) as T

/** Paths relative to the project, sorted. */
export const find = (...patterns: string[]): string[] => globSync(patterns, { cwd: root }).sort()

/** Whether a file is a test, or something that only tests use. */
export const isForTests = (path: string): boolean => /^test\/|(\.test|\/testing|\/fixtures?|\/contract|\/test-[\w-]+)\.ts$/.test(path)

/** Every hand-written TypeScript file that a process of the project may run. */
export const sources: readonly string[] = find('{contracts,libs/*,services/*,cli,scenarios,minicloud}/src/**/*.ts').filter(
  (path) => !isForTests(path) && !path.includes('/generated/')
)

/** Names of the folders in a folder. */
export const foldersIn = (path: string): string[] => find(`${path}/*/package.json`).map((file) => file.split('/').at(-2)!)
