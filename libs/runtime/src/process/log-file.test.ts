import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LogFile } from './log-file.ts'
import { tempFolder } from './test-environment.ts'

test('a full file becomes .1, and a line after close is lost without harm', () => {
  using folder = tempFolder()
  const path = join(folder.path, 'deep', 'a.log')
  const read = (suffix = '') => readFileSync(path + suffix, 'utf8')
  let file = new LogFile(path, 8)
  for (const line of ['one', 'two', 'three']) file.append(line)
  expect([read('.1'), read()]).toEqual(['one\ntwo\n', 'three\n'])
  file.close()
  file.append('late')
  file = new LogFile(path, 8)
  file.append('x')
  file.append('y')
  file.close()
  expect([read('.1'), read()]).toEqual(['three\nx\n', 'y\n'])
})
