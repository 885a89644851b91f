import { expect, test } from 'vitest'
import { anomaly, appeared, containerFaults, drift, exited, faults, input, lost, probe, state } from './fixtures.ts'
import { diagnose, diagnosis, think } from './test-diagnose.ts'

test.each([
  ['catalogPaused', 'process_paused catalog', 'service.start catalog'],
  ['queueRemoved', 'process_exited queue', 'service.start queue'],
  ['ordersOneOfTwo', 'process_exited orders', 'service.start orders'],
  ['postgresHung', 'process_hung postgres', 'service.restart postgres'],
  ['catalogTooSmall', 'config_drift catalog', 'config.restore catalog'],
  ['ordersWrongCommand', 'config_drift orders', 'config.restore orders'],
  ['catalogDrift', 'config_drift catalog', 'config.restore catalog'],
  ['catalogSaturated', 'cpu_saturated catalog', 'service.restart catalog'],
  ['ordersDetached', 'network_detached orders', 'network.attach orders'],
  ['catalogSlowEdge', 'undeclared_neighbour batch-job', 'workload.stop batch-job'],
  ['catalogResetEdge', 'undeclared_neighbour batch-job', 'workload.stop batch-job'],
  ['ordersCutOff', 'connection_lost orders', 'service.restart orders'],
  ['ordersUnreachable', 'connection_lost orders', 'service.restart orders']
] as const)('in containers, %s: %s', (fault, is, does) => {
  expect(diagnose(containerFaults[fault])).toEqual({ is, does: [does] })
})

test('a harmless neighbour does not distract: whatever is wrong with the service beside it comes first', () => {
  const { catalogSlowEdge: _, catalogResetEdge: __, ...others } = containerFaults
  for (const observations of [...Object.values(others), ...Object.values(faults)])
    expect(diagnose([...observations, appeared('batch-job', 'catalog')])).toEqual(diagnose(observations))
})

test('a neighbour is left alone when nothing is wrong, and when what its service needs is ill for others too', () => {
  expect(diagnose([appeared('batch-job', 'catalog')]).is).toBe('no_fault')
  expect(diagnose([appeared('batch-job', 'catalog'), probe('orders', 'ready', 'status')]).does).toEqual([])
  const slow = containerFaults.catalogSlowEdge
  expect(diagnose([...slow, anomaly('orders', 'latency_ms')]).does).toEqual([])
  expect(diagnose([...slow, exited('redis')]).does).toEqual(['service.start redis'])
})

test('whoever cannot reach what is ill itself, or ill for others too, is not restarted', () => {
  const cutOff = containerFaults.ordersCutOff
  expect(diagnose([...cutOff, exited('postgres')]).does).toEqual(['service.start postgres'])
  expect(diagnose([...cutOff, probe('postgres', 'tcp-5432', 'timeout')]).does).toEqual(['service.restart postgres'])
  expect(diagnose([...cutOff, probe('fulfilment', 'ready', 'status')]).does).toEqual([])
  expect(diagnose([...cutOff, probe('postgres', 'health', 'status')]).does).toEqual([])
})

test('a service whose configuration drifted is not restarted with it, nor one that ends again and again without a drift', () => {
  expect(diagnose([...containerFaults.ordersCutOff, drift('orders', 'environment.DATABASE_URL')]).does).toEqual(['config.restore orders'])
  expect(diagnose([state('orders', { status: 'starting', exit_code: 1, restarts: 5 })])).toEqual({ is: 'unknown orders', does: [] })
})

test('a database whose configuration drifted is left to a human: made anew it could lose what it keeps', () => {
  const { is, does } = diagnose([state('postgres', { status: 'starting', restarts: 2 }), drift('postgres', 'limits.memory_bytes')])
  expect([is, does]).toEqual(['unknown postgres', []])
})

test('a service that lost several networks gets each back', () => {
  const { plan } = think(input([lost('orders', 'shop_data'), lost('orders', 'shop_shop', 2)]))
  const attached = plan!.tasks.filter(({ type }) => type === 'network.attach').map(({ args, target }) => [target, args])
  expect(attached).toEqual([
    ['orders', { network: 'shop_data' }],
    ['orders', { network: 'shop_shop' }]
  ])
})

test('two faults in containers at once: the more certain first, then the other', () => {
  const both = [...containerFaults.catalogPaused, ...containerFaults.ordersDetached]
  expect(think(input(both)).hypotheses.slice(0, 2).map(diagnosis).sort()).toEqual(['network_detached orders', 'process_paused catalog'])
  expect(diagnose([...containerFaults.catalogTooSmall, ...containerFaults.ordersCutOff]).does).toEqual(['config.restore catalog'])
})
