/** What a rule says no to: what was sent, what is allowed and, where it helps, what to type. The API makes an answer of it. */
export class Refusal extends Error {
  readonly status: 400 | 403 | 404 | 409

  constructor(status: Refusal['status'], message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
  }
}
