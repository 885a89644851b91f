import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { TriageError } from '@triage/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dockerErrors } from './docker-errors.ts'
import { explainError } from './error.ts'
import { kubernetesErrors } from './kubernetes-errors.ts'
import { httpErrors, networkErrors } from './network-errors.ts'

/** As dockerode throws what the engine answers. */
const engine = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${message}`), { statusCode, reason: 'x', json: { message } })
/** As the Kubernetes client throws a Status. */
const cluster = (code: number, reason: string, message: string): Error =>
  Object.assign(new Error(`HTTP-Code: ${code}`), {
    code,
    body: JSON.stringify({ kind: 'Status', status: 'Failure', message, reason, code })
  })
const what = (error: unknown): string | undefined => explainError(error)?.what

// The messages are those of Docker Engine 20.10.
test.each([
  [engine(404, 'No such container: nope '), 'There is no such container.'],
  [engine(404, 'No such image: ghcr.io/nope:1'), 'The image cannot be had.'],
  [
    engine(
      409,
      'Conflict. The container name "/web" is already in use by container "399d09". You have to remove (or rename) that container to be able to reuse that name.'
    ),
    'Another container has this name.'
  ],
  [engine(409, 'Container 5e25e0e43fa2 is not running'), 'The container does not run.'],
  [
    engine(400, 'client version 1.99 is too new. Maximum supported API version is 1.41'),
    'Client and Docker Engine do not speak the same version.'
  ],
  [
    engine(
      400,
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": stat /nope: no such file or directory: unknown'
    ),
    'The container cannot start: its program is not in the image.'
  ],
  [
    engine(
      500,
      'driver failed programming external connectivity on endpoint web (559f): Bind for 127.0.0.1:18431 failed: port is already allocated'
    ),
    'The port is in use.'
  ],
  [engine(500, 'something else'), 'The other side failed.'],
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'The Docker Engine does not answer.'
  ],
  ['docker: Error response from daemon: network nonet not found', 'The network does not exist.'],
  ['dependency failed to start: container shop-db-1 is unhealthy', 'A service that others wait for does not become healthy.'],
  [
    engine(409, 'conflict: unable to remove repository reference "shop:1" (must force) - container 2f3e is using its referenced image'),
    'The image is still in use.'
  ]
])('Docker: %s → %s', (error, expected) => {
  expect(what(error)).toBe(expected)
})

test.each([
  [
    cluster(403, 'Forbidden', 'pods is forbidden: User "system:serviceaccount:a:b" cannot list resource "pods" in API group ""'),
    'Kubernetes does not let this account do that.'
  ],
  [
    cluster(
      409,
      'Conflict',
      'Operation cannot be fulfilled on deployments.apps "a": the object has been modified; please apply your changes to the latest version and try again'
    ),
    'Somebody else changed the object first.'
  ],
  [cluster(404, 'NotFound', 'deployments.apps "a" not found'), 'There is no such thing there.'],
  [cluster(403, 'Forbidden', 'pods "a" is forbidden: exceeded quota: compute, requested: cpu=1'), 'The namespace may not use more.'],
  [
    'error: error validating "a.yaml": error validating data: ValidationError(Deployment.spec): unknown field "replica"',
    'Kubernetes does not take the manifest.'
  ],
  ['Back-off pulling image "a:b": ImagePullBackOff', 'Kubernetes cannot pull the image.'],
  ['0/3 nodes are available: 3 Insufficient cpu.', 'No node has room for the pod.'],
  [{ reason: 'OOMKilled', exitCode: 137 }, 'The process was killed: most often it used more memory than it may.'],
  ['Readiness probe failed: HTTP probe failed with statuscode: 503', 'A probe of the pod fails.']
])('Kubernetes: %s → %s', (error, expected) => {
  expect(what(error)).toBe(expected)
})

/** What a real client throws at a real server. */
async function thrown(ask: (port: number) => Promise<unknown>, answer: RequestListener): Promise<unknown> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    return await ask((server.address() as AddressInfo).port).then(
      (value) => value,
      (error: unknown) => error
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
const get = (port: number): Promise<unknown> => fetch(`http://127.0.0.1:${port}`)

test('real errors of connections and answers', async () => {
  expect(what(await thrown(get, (request) => request.socket.destroy()))).toBe('The other side broke the connection.')
  expect(what(await thrown(get, (_, response) => response.writeHead(503).end()))).toBe('The other side does not serve now.')
  const slow = await thrown(
    (port) => fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(50) }),
    () => {}
  )
  expect(what(slow)).toBe('No answer came in time.')
  const port = (
    (await thrown(
      async (free) => ({ free }),
      () => {}
    )) as { free: number }
  ).free
  expect(what(await get(port).catch((error: unknown) => error))).toBe('Nobody listens at that address.')
  const missing = await new Promise((resolve) => connect({ path: '/nowhere/docker.sock' }).once('error', resolve))
  expect(what(missing)).toBe('The Docker Engine does not answer.')
  const name = await fetch('http://nowhere.invalid').catch((error: unknown) => error)
  expect(what(name)).toBe('The name of the host is not known.')
})

test('our own errors say what the catalogue says; what nobody knows is not explained; secrets stay where they are', () => {
  expect(explainError(new TriageError('E_NOT_UP', 'no swarm on ./data'))).toEqual({
    what: 'No swarm runs on this data folder.',
    why: 'no swarm on ./data',
    fixes: ['Run `triage up`, or name its folder with --data.'],
    said: 'no swarm on ./data'
  })
  expect(explainError(new Error('the moon is full'))).toBeNull()
  expect(explainError(new Error('ECONNREFUSED postgres://shop:Hunter2x@db:5432'))!.said).toBe('ECONNREFUSED postgres://shop:***@db:5432')
})

test.each([
  ['curl: (22) The requested URL returned error: HTTP/1.1 502', 'The proxy got no proper answer from behind it.'],
  ['upstream said 504 Gateway Timeout', 'The proxy waited too long for what is behind it.'],
  ['AxiosError: Request failed with status code 503', 'The other side does not serve now.'],
  ['took 500 ms', undefined]
])('HTTP, told in a text: %s → %s', (error, expected) => {
  expect(what(error)).toBe(expected)
})

test('every row says what, why and at least one fix, as sentences', () => {
  const rows = [...dockerErrors, ...kubernetesErrors, ...networkErrors, ...Object.values(httpErrors)]
  expect(rows.length).toBeGreaterThan(40)
  for (const { what, why, fixes } of rows) {
    expect(fixes.length).toBeGreaterThan(0)
    for (const sentence of [what, why, ...fixes]) expect(sentence).toMatch(/^[A-Z].*\.$|^[A-Z].*`$/)
  }
})

test('law: whatever is thrown, it does not throw', () => {
  const loop: Record<string, unknown> = { message: 'x' }
  loop.cause = loop
  loop.body = loop
  expect(explainError(loop)).toBeNull()
  fc.assert(fc.property(fc.anything(), (value) => void explainError(value)))
})
