import { AsyncLocalStorage } from 'node:async_hooks'

interface Context {
  /** Of the request, without its query. */
  readonly path: string
  readonly fields: Readonly<Record<string, unknown>>
  answered: boolean
}

const contexts = new AsyncLocalStorage<Context>()

/** Log lines written on behalf of a request carry these fields, until it is answered: what it starts and leaves running is not its own. */
export async function withinRequest<T>(
  { path, ...fields }: { readonly path: string; readonly [name: string]: unknown },
  answer: () => Promise<T>,
): Promise<T> {
  const context: Context = { path, fields, answered: false }
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

/** Where the request that this runs for was sent; empty outside of one. */
export function requestPath(): string {
  return contexts.getStore()?.path ?? ''
}
