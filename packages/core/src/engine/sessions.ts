import type { Lookup, SourceConnector } from '../contract/connector.ts'
import { ConnectorError } from '../contract/errors.ts'
import type { Json } from '../contract/schema.ts'
import { Limiter, type RateLimits } from './limiter.ts'
import type { Clock, Log, Vault } from './ports.ts'
import { type OpenSession, openSession } from './session.ts'
import { withFields } from './with-fields.ts'

export interface SessionsOptions {
  readonly vault: Vault
  /** The `fetch` of one connector, with the host's egress rules; the global one unless told. */
  readonly fetch?: (connectorId: string) => typeof globalThis.fetch
  /** For connectors whose drivers open sockets of their own: looks names up by the host's egress rules. */
  readonly lookup?: Lookup
  readonly rateLimits: RateLimits
  readonly clock: Clock
  readonly log: Log
}

export interface OpenOptions {
  readonly connector: SourceConnector
  readonly config: Readonly<Record<string, Json>>
  /** Of an existing connector, whose stored credentials are used; or credentials that are only being tried. */
  readonly connectorId?: string
  readonly credentials?: Readonly<Record<string, Json>>
  readonly signal: AbortSignal
  /** The host's own unless told. */
  readonly log?: Log
}

export interface Sessions {
  /** Opens a session for the host's own verbs (tests, browsing, uploads), under the same rate limits as the runs. */
  open(options: OpenOptions): Promise<OpenSession>
}

/** Opens sessions with stored credentials, or with those that are only being tried. */
export function createSessions({ vault, fetch, lookup, rateLimits, clock, log: hostLog }: SessionsOptions): Sessions {
  return {
    open: ({ connector, config, connectorId, credentials, signal, log }) =>
      openSession({
        connector,
        config,
        signal,
        clock,
        log: log ?? (connectorId ? withFields(hostLog, { connectorId }) : hostLog),
        limiter: connectorId ? rateLimits.of(connectorId, connector) : new Limiter({ clock, ...connector.limits }),
        fetch: fetch?.(connectorId ?? '') ?? globalThis.fetch,
        ...(lookup && { lookup }),
        credentials: async (options) => {
          const stored = credentials ?? (connectorId && (await vault.credentials(connectorId, options)))
          if (stored) return stored
          const open = Object.entries(connector.auth).find(([, auth]) => auth.kind === 'none')
          if (open || Object.keys(connector.auth).length === 0) return { method: open?.[0] ?? 'none' }
          // In the connector's own words: it passes through whatever asked for them.
          throw new ConnectorError(
            'unauthenticated',
            'This connector has no credentials. Add them with PUT /connectors/{id}, or connect it through /oauth/init.',
          )
        },
      }),
  }
}
