#!/usr/bin/env node
// Runs the command under a Node that takes TypeScript as it is: this one, or the one among the project's dependencies.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [major] = process.versions.node.split('.').map(Number)
const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
if (major >= 24) {
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/compile'))
  await import('../src/main.ts')
} else {
  const node = join(root, 'node_modules/node/bin/node')
  if (!existsSync(node)) {
    console.error(
      `Triage needs Node 24; this is ${process.versions.node}, and the project's own is not installed. Run npm ci in ${root}. (E_CONFIG)`
    )
    process.exit(1)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
