import { configDefaults, defineConfig } from 'vitest/config'

// Real servers and real processes: a test waits for what it needs and says what did not come.
const patience = { testTimeout: 60_000, hookTimeout: 120_000 }
const containers = {
  ...patience,
  testTimeout: 120_000,
  // Many containers on few processors: what did not come out is tried once more, and the report says so.
  retry: 1,
  // Tests end what they start; the container that would do it for them is one more image to fetch.
  env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
  pool: 'forks'
} as const

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{contracts,libs,services,cli,minicloud,scenarios}/**/*.test.ts', 'test/{contracts,bench,planners}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.{docker,model}.test.ts', 'libs/bus/src/permissions.test.ts'],
          ...patience,
          pool: 'forks',
          // They wait for servers more than they compute.
          maxWorkers: 3,
          sequence: { groupOrder: 0 }
        }
      },
      {
        // One swarm at a time: each takes both cores of a small machine.
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          ...patience,
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 1 }
        }
      },
      {
        // What attackers try; `npm run test:security` alone.
        test: {
          name: 'security',
          include: ['test/security/*.test.ts', 'libs/bus/src/permissions.test.ts'],
          ...patience,
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 2 }
        }
      },
      {
        // Real model servers, where there are any: `npm run test:model`. One at a time: a model takes all cores.
        test: {
          name: 'model',
          include: ['{libs,cli}/**/*.model.test.ts', 'test/model/**/*.test.ts'],
          globalSetup: 'test/model/setup.ts',
          ...patience,
          testTimeout: 300_000,
          // A machine that does something else beside may be too slow for any answer.
          retry: 1,
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 2 }
        }
      },
      {
        // Needs a Docker Engine with Compose, as the next one does: `npm run test:docker`. A few containers a file.
        test: {
          name: 'docker',
          include: ['{libs,services,cli}/**/*.docker.test.ts'],
          ...containers,
          maxWorkers: 2,
          sequence: { groupOrder: 2 }
        }
      },
      {
        // Dozens of containers: one compose project at a time.
        test: {
          name: 'docker-swarm',
          include: ['test/docker/**/*.test.ts'],
          ...containers,
          fileParallelism: false,
          sequence: { groupOrder: 3 }
        }
      }
    ]
  }
})
