import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { packFile, unpackFile } from './tar.ts'

test('tar reads what is packed, and what tar packs is read', () => {
  const text = 'ünïcode\n'.repeat(200)
  const archive = packFile('/etc/app/config.json', text)
  expect(execFileSync('tar', ['-xOf', '-', 'etc/app/config.json'], { input: archive }).toString()).toBe(text)
  expect(execFileSync('tar', ['-tvf', '-'], { input: archive }).toString()).toMatch(/^-rw-r--r-- /)
  expect(unpackFile(archive)).toBe(text)
  const packed = execFileSync('tar', ['--format=pax', '--pax-option=comment:=x', '-cf', '-', '-C', import.meta.dirname, 'tar.ts'])
  expect(unpackFile(packed)).toContain('export function unpackFile')
  expect(unpackFile(Buffer.alloc(1024))).toBeNull()
  expect(() => packFile(`/${'x'.repeat(101)}`, '')).toThrow(RangeError)
})
