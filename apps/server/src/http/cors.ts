import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Settings } from '../settings.ts'

/** What a client reads besides the body. */
const exposed = [
  'Deprecation',
  'Retry-After',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-Id',
].join()

/** Answers what browsers ask before a request of a page of these origins: which methods and headers it may have. */
export function preflight(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    maxAge: 7_200,
  })
}

/**
 * What an answer carries, so that pages of these origins may read it. Without cookies: whoever asks sends a key, so that a
 * page that has none gets nowhere, whatever else its visitor is logged in to.
 */
export function corsHeaders(
  origins: readonly string[],
  origin: string | undefined,
): Readonly<Record<string, string>> | undefined {
  if (origins.length === 0) return undefined
  const expose = { 'Access-Control-Expose-Headers': exposed }
  if (origins.includes('*')) return { 'Access-Control-Allow-Origin': '*', ...expose }
  // Whoever keeps answers must know that they differ.
  const vary = { Vary: 'Origin' }
  return origin !== undefined && origins.includes(origin)
    ? { 'Access-Control-Allow-Origin': origin, ...expose, ...vary }
    : vary
}

/**
 * Whether a request with this `Origin` may use `/mcp`: none, this machine's, this host's, or one that was allowed.
 * https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#security-warning
 */
export function isKnownOrigin(
  origin: string | null,
  { corsOrigins, publicUrl }: Pick<Settings, 'corsOrigins' | 'publicUrl'>,
): boolean {
  if (origin === null || corsOrigins.includes('*') || corsOrigins.includes(origin)) return true
  if (!URL.canParse(origin)) return false
  const { hostname, origin: given } = new URL(origin)
  return (
    /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ||
    (publicUrl !== undefined && given === new URL(publicUrl).origin)
  )
}
