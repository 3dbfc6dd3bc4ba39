import type { Json } from '@cx/core'
import { type OpenConnector, openConnector } from '@cx/testing'
import slack from '../src/index.ts'
import type { FakeSlack } from './fake-slack.ts'

export const token = 'xoxb-test-51c2'

export interface DriveOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: (options?: { refused?: boolean }) => Promise<unknown>
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

/** One session with the fake, closed by `using`. */
export function drive(fake: FakeSlack, { config, ...options }: DriveOptions = {}): Promise<OpenConnector> {
  const credentials = async () => ({ method: 'token', token })
  return openConnector(slack, { credentials, ...options, config: { apiUrl: fake.url, ...config } })
}

/** A Slack timestamp so many days before today's midnight (UTC), at noon. */
export function daysAgo(days: number, micros = 100): string {
  const today = Math.floor(Date.now() / 86_400_000) * 86_400
  return `${today - days * 86_400 + 43_200}.${String(micros).padStart(6, '0')}`
}
