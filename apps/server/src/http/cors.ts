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
]

/**
 * Lets pages of these origins use the API from a browser. Without cookies: whoever asks sends a key, so that a page that
 * has none gets nowhere, whatever else its visitor is logged in to.
 */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    exposeHeaders: exposed,
    maxAge: 7_200,
  })
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
