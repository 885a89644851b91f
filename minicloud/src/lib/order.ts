export interface NewOrder {
  product_id: number
  quantity: number
  unit_price_cents: number
}

/** A row of the table orders. */
export interface Order extends NewOrder {
  id: number
  status: 'created' | 'fulfilled'
}

/** The table, as idempotent SQL. */
export const orderSchema = `
  create table if not exists orders (
    id integer primary key generated always as identity,
    product_id integer not null,
    quantity integer not null,
    unit_price_cents integer not null,
    status text not null default 'created',
    created_at timestamptz not null default now(),
    fulfilled_at timestamptz
  )`
