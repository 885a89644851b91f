/** A table for people. The first column is text, the others are figures. */
export interface Table {
  title: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** How to read it. */
  note?: string
}

export interface Outcome {
  tables: Table[]
  /** The same for programs; the unit is in each name. */
  data: object
  /** What did not work. Being slow is no fault. */
  faults: string[]
}

export interface RunOptions {
  /** A few rounds, to see that the bench works; its figures mean little. */
  quick: boolean
  /** Told how far it has come. */
  log: (line: string) => void
}

export interface Bench {
  /** One sentence: what is measured. */
  description: string
  /** Throws when nothing could be measured at all. */
  run(options: RunOptions): Promise<Outcome>
}
