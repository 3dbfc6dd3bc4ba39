import type { Acl, Entry, Json } from '@cx/core'
import { type ListOptions, type OpenConnector, openConnector } from '@cx/testing'
import connector from '../src/index.ts'
import { driveScope, FakeDrive } from './fake/server.ts'

export const accessToken = 'ya29.test-token-5c1d'

export interface OpenOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: () => Readonly<Record<string, Json>>
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

/** A fake that knows the token of {@link open}; stopped by `using`. */
export async function fake(): Promise<FakeDrive & AsyncDisposable> {
  const drive = await new FakeDrive().start()
  drive.token(accessToken, [driveScope])
  return Object.assign(drive, { [Symbol.asyncDispose]: () => drive.stop() })
}

interface Opened extends OpenConnector {
  listItems(options?: ListOptions): Promise<{ entries: Entry[]; cursors: Json[] }>
}

/** One session of the connector with the fake. */
export async function open(drive: FakeDrive, { config, credentials, ...options }: OpenOptions = {}): Promise<Opened> {
  const opened = await openConnector(connector, {
    ...options,
    config: { apiUrl: drive.url, ...config },
    credentials: credentials ?? (() => ({ method: 'oauth', accessToken, extra: {} })),
  })
  const listItems: Opened['listItems'] = async (options) => {
    const items = await Array.fromAsync(opened.items(options))
    const entries = items.filter((item): item is Entry => !('kind' in item))
    return { entries, cursors: items.flatMap((item) => ('kind' in item ? [item.cursor] : [])) }
  }
  return Object.assign(opened, { listItems })
}

/** Ids of who may read, sorted. */
export function readers(acl: Acl | undefined): string[] | undefined {
  return acl?.allOf[0]?.map((one) => ('id' in one ? `${one.type}:${one.id}` : one.type)).sort()
}

export const refusal = (
  work: Promise<unknown>,
): Promise<{ code?: string; message?: string; remediation?: string; retryAfterMs?: number }> =>
  work.then(
    () => ({ code: 'none' }),
    (error: unknown) => error as { code: string; message: string },
  )
