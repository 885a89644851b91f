import { configDefaults, defineConfig } from 'vitest/config'

// Real servers and real processes: a test waits for what it needs and says what did not come.
const patience = { testTimeout: 60_000, hookTimeout: 120_000 }

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
          ...patience,
          testTimeout: 300_000,
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 2 }
        }
      },
      {
        // Needs a Docker Engine with Compose: `npm run test:docker`. One compose project at a time.
        test: {
          name: 'docker',
          include: ['{libs,services,cli}/**/*.docker.test.ts', 'test/docker/**/*.test.ts'],
          ...patience,
          testTimeout: 120_000,
          // Dozens of containers on few processors: what did not come out is tried once more, and the report says so.
          retry: 1,
          // Tests end what they start; the container that would do it for them is one more image to fetch.
          env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
          pool: 'forks',
          fileParallelism: false,
          sequence: { groupOrder: 2 }
        }
      }
    ]
  }
})
