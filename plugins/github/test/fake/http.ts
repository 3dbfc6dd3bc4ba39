import type { IncomingMessage } from 'node:http'
import type { Account } from './model.ts'

export interface Reply {
  readonly status: number
  readonly body?: unknown
  readonly etag?: string
  readonly headers?: Record<string, string>
}

/** What answers a request: who asks, what for. */
export interface Ask {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly account: Account | undefined
  /** Repositories an installation token is good for. */
  readonly installation: string | undefined
}

/** An error body as GitHub's. */
export function problem(status: number, message: string, headers: Record<string, string> = {}): Reply {
  return {
    status,
    body: { message, documentation_url: 'https://docs.github.com/rest', status: String(status) },
    headers,
  }
}
