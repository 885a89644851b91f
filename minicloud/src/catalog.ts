// catalog: what the shop sells. Redis read-through cache over Postgres.
import { type CacheSettings, openCache } from './lib/cache.ts'
import { type Listen, readConfig } from './lib/config.ts'
import { type DatabaseSettings, openDatabase } from './lib/database.ts'
import { cache as cacheFrom, database as databaseFrom } from './lib/environment.ts'
import { httpServer } from './lib/http-server.ts'
import { present, productSchema } from './lib/product.ts'
import { Products } from './lib/products.ts'
import { run } from './lib/service.ts'

export interface CatalogConfig extends Listen {
  database: DatabaseSettings
  cache: CacheSettings
}

const idParams = { type: 'object', properties: { id: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } } }

await run('catalog', (log) => {
  const { port, host, database, cache } = readConfig<CatalogConfig>({ database: databaseFrom, cache: cacheFrom })
  const { pool, check } = openDatabase(database, productSchema, log)
  const products = new Products(pool, openCache(cache, log))
  const http = httpServer(log, { database: check })

  http.get('/products', async () => (await products.list()).map(present))
  http.get<{ Params: { id: number } }>('/products/:id', { schema: { params: idParams } }, async (request, reply) => {
    const product = await products.find(request.params.id)
    return product ?? reply.code(404).send({ error: `there is no product ${request.params.id}` })
  })
  return { http, port, host, stop: () => products.close() }
})
