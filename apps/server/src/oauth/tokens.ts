import type { Json } from '@cx/core'
import type { Freshness, StoredCredentials } from '@cx/store'
import type { Tokens } from './protocol.ts'

/** Tokens as they are kept. Times are epoch milliseconds, by this host's clock. */
export interface StoredTokens {
  readonly accessToken: string
  readonly refreshToken?: string
  /** When the tokens were asked for. */
  readonly obtainedAt: number
  readonly expiresAt?: number
  readonly scope?: string
  readonly extra: Readonly<Record<string, string>>
}

/** Refused so soon after it was obtained, it was an older token that was refused: many calls at once are. */
const settleMs = 3_000

/** Credentials to store. A provider that gives no new refresh token means the old one to be kept. */
export function storedTokens(
  method: string,
  tokens: Tokens,
  obtainedAt: number,
  before?: StoredTokens,
): StoredCredentials {
  const { accessToken, refreshToken = before?.refreshToken, expiresIn, scope = before?.scope, extra } = tokens
  const oauth: StoredTokens = {
    accessToken,
    obtainedAt,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresAt: obtainedAt + expiresIn * 1000 }),
    ...(scope !== undefined && { scope }),
    extra: { ...before?.extra, ...extra },
  }
  return { method, oauth: oauth as unknown as Json }
}

/** The tokens in stored credentials; undefined when they are of another kind. */
export function tokensIn({ oauth }: StoredCredentials): StoredTokens | undefined {
  const tokens = oauth as unknown as Partial<StoredTokens> | undefined
  return typeof tokens?.obtainedAt === 'number' && typeof tokens.accessToken === 'string'
    ? (tokens as StoredTokens)
    : undefined
}

/** The part of them that a connector gets. */
export function presented(method: Json, { accessToken, extra }: StoredTokens): StoredCredentials {
  return { method, accessToken, extra: { ...extra } }
}

/** What may be shown of them. */
export function hintsOf(tokens: StoredTokens): Readonly<Record<string, string>> {
  return {
    accessToken: '••••',
    ...(tokens.refreshToken !== undefined && { refreshToken: '••••' }),
    ...(tokens.scope !== undefined && { scope: tokens.scope }),
  }
}

/**
 * Renewed a minute before they end, or in the last fifth of a short life; not used in the last five seconds, or the last
 * tenth, since a request takes its time and clocks differ.
 */
export function freshnessOf(tokens: StoredTokens, refused: boolean, now: number): Freshness {
  const { obtainedAt, expiresAt, refreshToken } = tokens
  if (refused && Math.abs(now - obtainedAt) > settleMs) return 'expired'
  if (expiresAt === undefined) return 'fresh'
  const lifetime = expiresAt - obtainedAt
  const left = expiresAt - now
  if (left <= Math.min(5_000, lifetime / 10)) return 'expired'
  // The clock was set back.
  const early = left > lifetime + 60_000
  return refreshToken !== undefined && (early || left <= Math.min(60_000, lifetime / 5)) ? 'due' : 'fresh'
}
