import { AsyncLocalStorage } from 'node:async_hooks'

interface Context {
  readonly fields: Readonly<Record<string, unknown>>
  answered: boolean
}

const contexts = new AsyncLocalStorage<Context>()

/** Log lines written on behalf of a request carry these fields, until it is answered: what it starts and leaves running is not its own. */
export async function withinRequest<T>(
  fields: Readonly<Record<string, unknown>>,
  answer: () => Promise<T>,
): Promise<T> {
  const context: Context = { fields, answered: false }
  try {
    return await contexts.run(context, answer)
  } finally {
    context.answered = true
  }
}

/** Fields of the request that this runs for. */
export function requestFields(): Readonly<Record<string, unknown>> {
  const context = contexts.getStore()
  return context && !context.answered ? context.fields : {}
}
