// What the driver tells of a container that is not as it should be, as a real engine says it.
import { expect, test } from 'vitest'
import { until } from '../until.ts'
import { docker, image, TestProject } from './test-project.ts'

const node = (script: string, more: object = {}) => ({
  image,
  command: ['node', '-e', script],
  init: true,
  stop_grace_period: '1s',
  ...more
})
const forever = 'setInterval(() => {}, 1000)'

test('how it ended, how often it was started again, what it may use, and what its own check finds', async () => {
  await using project = await TestProject.start({
    loops: node('setTimeout(() => process.exit(3), 300)', { restart: 'unless-stopped' }),
    // As much as it may have goes before it has what it wants.
    hungry: node('const kept = []; setInterval(() => kept.push(Buffer.alloc(2e7, 1)), 5)', {
      ...{ restart: 'unless-stopped', mem_limit: '64m', memswap_limit: '64m' }
    }),
    checked: node(forever, {
      cpus: 0.5,
      healthcheck: { test: 'test ! -e /tmp/slow || sleep 9', interval: '1s', timeout: '1s', retries: 2 }
    })
  })
  const reader = project.as('reader')
  await until('a start by the engine, twice', async () => ((await reader.inspect('loops')).restarts ?? 0) >= 2)
  await until('its end to be told while it waits', async () => {
    const { status, exit_code } = await reader.inspect('loops')
    return status === 'starting' && exit_code === 3
  })
  await until('a want of memory', async () => (await reader.inspect('hungry')).oom_killed === true)
  await until('a healthy one', async () => (await reader.inspect('checked')).health === 'healthy')
  expect(await reader.inspect('checked')).toMatchObject({ cpu_limit: 0.5 })
  expect(await reader.inspect('checked')).not.toHaveProperty('health_failure')
  await docker('exec', (await project.ids('checked'))[0]!, 'touch', '/tmp/slow')
  await until('an unhealthy one', async () => {
    const { health, health_failure } = await reader.inspect('checked')
    return health === 'unhealthy' && health_failure!.timed_out && health_failure!.consecutive >= 2
  })
  // Whoever starts it by hand begins to count anew.
  await project.compose('stop', '--timeout', '0', 'loops')
  await project.as('writer').start('loops')
  expect((await reader.inspect('loops')).restarts ?? 0).toBeLessThan(2)
})

test('replicas that are gone are missed, and a start brings them back', async () => {
  await using project = await TestProject.start({ web: node(forever, { scale: 2 }) })
  const [first, second] = await project.ids('web')
  await docker('rm', '--force', second!)
  expect(await project.as('reader').inspect('web')).toMatchObject({ status: 'running', replicas: { desired: 2, running: 1 } })
  await docker('pause', first!)
  expect(await project.as('reader').inspect('web')).toMatchObject({ status: 'paused', replicas: { desired: 2, running: 0 } })
  await project.as('writer').start('web')
  expect(await project.as('reader').inspect('web')).toMatchObject({ status: 'running', replicas: { desired: 2, running: 2 } })
  expect(await project.ids('web')).toContain(first)
})

test('what was removed is described without its lines', async () => {
  await using project = await TestProject.start({ web: node(forever) })
  await project.compose('rm', '--stop', '--force', 'web')
  expect(await project.as('reader').logs('web')).toEqual([])
})
