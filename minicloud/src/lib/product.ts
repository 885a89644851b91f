/** A row of the table products, and what is cached of it. */
export interface Product {
  id: number
  name: string
  price_cents: number
}

/** What the shop says of a product. Takes the row at its word: a value of another shape throws a TypeError. */
export function present({ id, name, price_cents }: Product) {
  const digits = price_cents.toString().padStart(3, '0')
  return { id, name, slug: name.toLowerCase().replaceAll(' ', '-'), price_cents, price: `${digits.slice(0, -2)}.${digits.slice(-2)}` }
}

const names = [
  ...['Enamel Mug', 'Oak Tray', 'Linen Towel', 'Brass Hook', 'Wool Blanket', 'Clay Pot', 'Cork Board', 'Glass Carafe', 'Iron Pan'],
  ...['Paper Lamp', 'Rope Basket', 'Steel Kettle', 'Stone Mortar', 'Tin Box', 'Velvet Cushion', 'Walnut Bowl', 'Wax Candle'],
  ...['Wire Rack', 'Wooden Spoon', 'Zinc Bucket']
]

/** The table and its first rows, as idempotent SQL. */
export const productSchema = `
  create table if not exists products (id integer primary key, name text not null, price_cents integer not null);
  insert into products values ${names.map((name, i) => `(${i + 1}, '${name}', ${450 + ((i * 731) % 9000)})`).join(', ')}
  on conflict do nothing`

export const productCount = names.length
