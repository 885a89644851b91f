/** Something that is not let through. The status and the message go to the client as the engine would send them. */
export class Refusal extends Error {
  readonly status: number
  constructor(message: string, status = 403) {
    super(message)
    this.status = status
  }
}
