import type { Json } from '@cx/core'
import { type OpenConnector, openConnector } from '@cx/testing'
import github from '../src/index.ts'

export interface DriveOptions {
  readonly config: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  readonly signal?: AbortSignal
  readonly fetch?: typeof globalThis.fetch
}

/** One session of the connector, closed by `using`. */
export function drive({ credentials = { method: 'none' }, ...options }: DriveOptions): Promise<OpenConnector> {
  return openConnector(github, { ...options, credentials: () => credentials })
}
