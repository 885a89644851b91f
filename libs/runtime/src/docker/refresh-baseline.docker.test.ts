// What was good stays so until compose changes it; what is not well is not taken as good.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import type { ContainerConfig } from './config.ts'
import { refreshBaseline } from './refresh-baseline.ts'
import { docker, image, socket, TestProject } from './test-project.ts'

const sleeper = { image, command: ['sleep', 'infinity'], init: true, stop_grace_period: '1s' }
const services = (size: string) => ({
  web: { ...sleeper, environment: { SIZE: size }, depends_on: { migrate: { condition: 'service_completed_successfully' } } },
  store: { ...sleeper, healthcheck: { test: 'test ! -e /tmp/ill', interval: '1s', retries: 1 } },
  migrate: { image, command: ['true'] }
})

test('the baseline follows compose, and nobody else', async () => {
  await using project = await TestProject.start(services('5'))
  const where = { url: `unix://${socket}`, project: project.name, baseline: project.baseline }
  const web = () => project.as('writer').inspect('web')
  const health = (wanted: string) => until(wanted, async () => (await project.as('reader').inspect('store')).health === wanted)

  // A job that has ended well is nobody's to start again.
  expect((await project.as('reader').list()).map(({ name }) => name)).toEqual(['store', 'web'])
  expect(await refreshBaseline(where)).toMatchObject({ kept: ['store', 'web'], taken: [], skipped: [] })

  // Changed behind compose's back: that is a drift, not a new baseline.
  const config = JSON.parse((await project.as('writer').getConfig('web')).text) as ContainerConfig
  await project.as('writer').setConfig('web', JSON.stringify({ ...config, environment: { ...config.environment, SIZE: '6' } }))
  expect((await refreshBaseline(where)).kept).toContain('web')
  expect((await project.as('writer').configDiff('web')).paths).toEqual(['environment.SIZE'])

  // Changed by compose, and ill at first.
  writeFileSync(join(project.folder.path, 'compose.yaml'), JSON.stringify({ services: services('7') }))
  await project.compose('up', '-d')
  const examine = async () => 'its probe fails'
  expect(await refreshBaseline({ ...where, examine })).toMatchObject({
    kept: ['store'],
    skipped: [{ name: 'web', why: 'its probe fails' }]
  })
  expect(await refreshBaseline(where)).toMatchObject({ kept: ['store'], taken: ['web'], skipped: [] })
  const { config_hash, baseline_config_hash } = await web()
  expect(baseline_config_hash).toBe(config_hash)

  // On demand everything is looked at; what is ill then has no good state at all.
  await health('healthy')
  await docker('exec', (await project.ids('store'))[0]!, 'touch', '/tmp/ill')
  await health('unhealthy')
  await project.compose('stop', 'web')
  expect(await refreshBaseline({ ...where, anew: true })).toMatchObject({
    kept: [],
    taken: [],
    skipped: [
      { name: 'store', why: 'its health check says unhealthy' },
      { name: 'web', why: 'it is exited' }
    ]
  })
  expect((await web()).baseline_config_hash).toBeUndefined()
})
