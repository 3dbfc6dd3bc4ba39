/** A refusal in Salesforce's form. */
export class Refusal extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, body: unknown) {
    super(`${status} ${JSON.stringify(body)}`)
    this.status = status
    this.body = body
  }
}

export function refuse(status: number, errorCode: string, message: string): Refusal {
  return new Refusal(status, [{ message, errorCode }])
}
