import type { Pool } from 'pg'
import type { Cache } from './cache.ts'
import { type Product, present } from './product.ts'
import { RequestFailure } from './request-failure.ts'

const ttlSeconds = 300

/** The catalogue's products: a read-through cache over the database. */
export class Products {
  readonly #pool: Pool
  readonly #cache: Cache
  constructor(pool: Pool, cache: Cache) {
    this.#pool = pool
    this.#cache = cache
  }

  async list(): Promise<Product[]> {
    return (await this.#pool.query<Product>('select id, name, price_cents from products order by id')).rows
  }

  /** Cache, else database. What the cache holds is trusted: a value that cannot be read fails the request. */
  async find(id: number): Promise<ReturnType<typeof present> | null> {
    const key = `catalog:product:${id}`
    const cached = await this.#cached(key)
    if (cached) return cached
    const { rows } = await this.#pool.query<Product>('select id, name, price_cents from products where id = $1', [id])
    if (!rows[0]) return null
    await this.#cache.set(key, JSON.stringify(rows[0]), ttlSeconds)
    return present(rows[0])
  }

  async #cached(key: string): Promise<ReturnType<typeof present> | null> {
    try {
      const text = await this.#cache.get(key)
      return text === null ? null : present(JSON.parse(text) as Product)
    } catch (error) {
      throw new RequestFailure(500, error, { key })
    }
  }

  async close(): Promise<void> {
    this.#cache.close()
    await this.#pool.end()
  }
}
