import { runtimeContract } from '../contract.ts'
import { ignore, keepChildBusy, spec, tick } from '../process/test-environment.ts'
import type { ContainerConfig } from './config.ts'
import { image, TestProject } from './test-project.ts'

runtimeContract('docker', async () => {
  const project = await TestProject.start(
    {
      ticker: {
        image,
        command: ['node', '-e', tick],
        environment: { PASSWORD: 'hunter2', POOL_SIZE: '5' },
        labels: { 'triage.kind': 'service', 'triage.log_format': 'text', 'triage.command.echo': '/bin/echo' },
        volumes: ['./app.json:/etc/app.json:ro'],
        stop_grace_period: '3s'
      },
      stubborn: { image, command: ['node', '-e', ignore], depends_on: ['ticker'], stop_grace_period: '1s' }
    },
    { 'app.json': '{"secret":"hunter2"}' }
  )
  const [reader, writer, injector] = [project.as('reader'), project.as('writer'), project.as('injector')]
  const { text, hash } = await writer.getConfig('ticker')
  const { environment, files: _, ...rest } = JSON.parse(text) as ContainerConfig
  const { POOL_SIZE: __, ...others } = environment
  const changed = {
    ...rest,
    environment: { ...others, PASSWORD: 'swordfish', EXTRA: '1' },
    files: { '/etc/app.json': '{"secret":"swordfish"}' }
  }
  return {
    reader,
    writer,
    injector,
    hog: spec('hog', ['node', '-e', keepChildBusy], { cwd: '/', grace_ms: 1000 }),
    config: {
      good: { text, hash },
      changed: JSON.stringify(changed),
      paths: ['environment.EXTRA', 'environment.PASSWORD', 'environment.POOL_SIZE', 'files./etc/app.json']
    },
    unsupported: [(runtime) => runtime.scale('ticker', -1), (runtime) => runtime.setConfig('ticker', '[]')],
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]()
  }
})
