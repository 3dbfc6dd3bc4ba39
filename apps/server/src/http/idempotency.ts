import { createHash } from 'node:crypto'
import type { Json } from '@cx/core'
import type { Store } from '@cx/store'
import { ApiError, conflict } from './errors.ts'
import type { Reply } from './route.ts'

const dayMs = 86_400_000

/** What makes two requests the same one. */
export interface Fingerprint {
  readonly keyId: string
  readonly idempotencyKey: string
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/**
 * Runs `work` once per idempotency key and remembers its answer for 24 hours. A failure is not remembered:
 * the same key may be tried again. `shownOnce` fields of the data are left out of what is remembered.
 */
export async function once(
  store: Store,
  { keyId, idempotencyKey, method, path, body }: Fingerprint,
  shownOnce: readonly string[],
  work: () => Promise<Reply | Response>,
): Promise<Reply | Response> {
  if (!/^[\x20-\x7e]{1,255}$/.test(idempotencyKey))
    throw new ApiError('invalid_request', 'The Idempotency-Key header takes 1 to 255 printable ASCII characters.')
  const key = hash(`${keyId}\n${method} ${path}\n${idempotencyKey}`)
  const seen = await store.idempotent(key, hash(JSON.stringify(body ?? null)), dayMs)
  if (seen.state === 'pending')
    throw conflict(
      'request_in_progress',
      'A request with this Idempotency-Key is still running. Try again in a moment.',
    )
  if (seen.state === 'mismatch')
    throw conflict(
      'idempotency_key_reused',
      'This Idempotency-Key was used for a request with another body. Use a new key for a new request.',
    )
  if (seen.state === 'done') return { ...(seen.body as unknown as Reply), headers: { 'Idempotent-Replayed': 'true' } }
  try {
    const reply = await work()
    if (reply instanceof Response) await store.forgetAnswer(key)
    else await store.rememberAnswer(key, reply.status, without(reply, shownOnce))
    return reply
  } catch (error) {
    await store.forgetAnswer(key)
    throw error
  }
}

function without(reply: Reply, fields: readonly string[]): Json {
  const data =
    fields.length === 0
      ? reply.data
      : Object.fromEntries(Object.entries(reply.data as object).filter(([name]) => !fields.includes(name)))
  // Through JSON, as it will be read again.
  return JSON.parse(JSON.stringify({ status: reply.status, data, meta: reply.meta })) as Json
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
