// What a proxy does to connections: names and meanings as Toxiproxy's.

interface Common {
  /** upstream: what the client says; downstream: what it is answered. */
  stream: 'upstream' | 'downstream'
  /** Probability that a connection has it, 0 to 1; decided once, when the connection is made. */
  toxicity: number
}

export type Toxic = Common &
  (
    | { type: 'latency'; latency_ms: number /** Each chunk is late by latency_ms, so much more or less. */; jitter_ms: number }
    | { type: 'timeout' /** Nothing gets through; after this long the connection is closed. 0: never. */; timeout_ms: number }
    | { type: 'reset_peer' /** Both sides are reset after this long. */; timeout_ms: number }
  )

export type ToxicOf<T extends Toxic['type']> = Extract<Toxic, { type: T }>
