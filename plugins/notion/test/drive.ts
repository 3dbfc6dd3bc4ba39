import type { Json } from '@cx/core'
import { type OpenConnector, openConnector } from '@cx/testing'
import notion from '../src/index.ts'
import type { FakeNotion } from './fake-notion.ts'

export const token = 'ntn_test-51c2'

export interface DriveOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: (options?: { refused?: boolean }) => Promise<unknown>
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

/** One session with the fake, closed by `using`. */
export function drive(fake: FakeNotion, { config, ...options }: DriveOptions = {}): Promise<OpenConnector> {
  const credentials = async () => ({ method: 'token', token })
  return openConnector(notion, { credentials, ...options, config: { apiUrl: fake.url, ...config } })
}
