/** An error of somebody else's program, by what it says of itself. */
export interface Row {
  /** In its message, code or reason. Each is tried against one bounded text. */
  finds: RegExp
  what: string
  why: string
  /** What to do, the likeliest first. */
  fixes: readonly string[]
}
