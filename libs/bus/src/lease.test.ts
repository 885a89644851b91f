import { afterEach, expect, test, vi } from 'vitest'
import { Lease } from './lease.ts'
import type { LeaseStore } from './port.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A store that keeps one entry for ever: what expires here expires by the holder's own clock. */
function store(): LeaseStore & { frozen: boolean } {
  let entry: { value: string; revision: number } | null = null
  return {
    frozen: false,
    ttlMs: 5_000,
    read: async () => entry,
    async write(_, value, revision) {
      if (this.frozen) return new Promise(() => {})
      if (revision !== (entry?.revision ?? 0)) return null
      entry = { value, revision: revision + 1 }
      return entry.revision
    },
    remove: async () => {
      entry = null
    }
  }
}

test.each([-86_400_000, 86_400_000])('a wall clock that jumps by %i ms neither ends a lease nor prolongs it', async (jump) => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
  const leases = store()
  const told: (number | null)[] = []
  const lease = new Lease(leases, 'scheduler', 'scheduler-1', (fence) => told.push(fence))
  await lease.start()
  expect(lease.fence()).toBe(1)
  vi.setSystemTime(Date.now() + jump)
  expect(lease.fence()).toBe(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(lease.fence()).not.toBeNull()
  expect(told).toEqual([1])

  // It cannot be renewed any more: it ends four seconds after the last time, whatever the wall clock says.
  leases.frozen = true
  vi.setSystemTime(Date.now() - jump)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(lease.fence()).not.toBeNull()
  await vi.advanceTimersByTimeAsync(4_000)
  expect(lease.fence()).toBeNull()
  await lease.stop()
})
