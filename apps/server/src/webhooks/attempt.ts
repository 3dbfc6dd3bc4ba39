import { createHmac } from 'node:crypto'
import type { WebhookDelivery } from '@cx/store'

/** How long a receiver may take. */
const timeoutMs = 10_000

/** What a receiver compares: HMAC-SHA256, in hex, over the timestamp, a dot and the raw body. */
export function signature(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

export interface Attempt {
  /** Answered with 2xx. */
  readonly ok: boolean
  readonly httpStatus: number | null
  readonly error: string | null
  readonly ms: number
}

export interface AttemptOptions {
  readonly url: string
  readonly secret: string
  /** Guarded: only public addresses. */
  readonly fetch: typeof globalThis.fetch
  /** Epoch milliseconds, as signed. */
  readonly now: number
  readonly signal: AbortSignal
}

/** Sends a delivery once. Redirects are not followed: the address that was given is the one that is meant. Throws only when aborted. */
export async function attempt(
  { id, body }: Pick<WebhookDelivery, 'id' | 'body'>,
  { url, secret, fetch, now, signal }: AttemptOptions,
): Promise<Attempt> {
  const began = performance.now()
  const took = () => Math.round(performance.now() - began)
  const timestamp = String(Math.floor(now / 1000))
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'cx-webhooks/1',
        'X-Webhook-Id': id,
        'X-Webhook-Timestamp': timestamp,
        'X-Webhook-Signature': signature(secret, timestamp, body),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    })
    await response.body?.cancel()
    const { ok, status } = response
    const redirects = status >= 300 && status < 400
    const error = redirects ? 'It answered with a redirect: give the final address.' : `It answered ${status}.`
    return { ok, httpStatus: status, error: ok ? null : error, ms: took() }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const message = timeout.aborted ? `It did not answer within ${timeoutMs / 1000} seconds.` : reasonOf(error)
    return { ok: false, httpStatus: null, error: message, ms: took() }
  }
}

/** `fetch failed` says nothing: what it was caused by does. */
function reasonOf(error: unknown): string {
  let reason = error
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause
  const { message = String(reason), code } = reason as { message?: string; code?: string }
  return (message || code || 'The connection failed.').slice(0, 500)
}
