import type { Connection, Lookup, Run, SourceConnector } from '../contract/connector.ts'
import type { Json } from '../contract/schema.ts'
import { abortable, settledWithin } from './abort.ts'
import { createFetch } from './fetch.ts'
import type { RateLimit } from './limiter.ts'
import type { Clock, Log } from './ports.ts'
import { Redactor } from './redact.ts'

type Values = Readonly<Record<string, Json>>

export interface SessionOptions {
  readonly connector: SourceConnector
  /** Validated, with defaults. */
  readonly config: Values
  /** With `method`; asked again whenever the connector asks. */
  readonly credentials: (options: { readonly refresh: boolean }) => Promise<Values>
  readonly fetch: typeof globalThis.fetch
  readonly lookup?: Lookup
  readonly limiter: RateLimit
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** A connector's session with what every verb needs. */
export interface OpenSession {
  readonly session: unknown
  readonly run: Run<Values>
  readonly redactor: Redactor
  /** Closes it; waits two seconds at most. */
  close(): Promise<void>
}

/** Connects. Secrets that pass through here are known to the redactor, and masked in the connector's log. */
export async function openSession({
  connector,
  config,
  credentials,
  fetch,
  lookup,
  limiter,
  clock,
  log,
  signal,
}: SessionOptions): Promise<OpenSession> {
  const redactor = new Redactor()
  for (const [name, schema] of Object.entries(connector.config.properties ?? {}))
    if (schema.writeOnly) redactor.learn(config[name])
  const safeLog = maskLog(log, redactor)
  const connection: Connection<Values, unknown> = {
    config,
    credentials: async (options) => {
      const { method, ...secrets } = await credentials({ refresh: options?.refused ?? false })
      redactor.learn(secretsOnly(connector, method, secrets))
      return { method, ...secrets } as never
    },
    fetch: createFetch({ fetch, limiter, clock, signal }),
    ...(lookup && { lookup }),
    log: safeLog,
    signal,
  }
  const opening = Promise.resolve(connector.connect(connection as never))
  // A connect that is slower than the abort must still be closed.
  const closeLate = () =>
    void opening
      .then(
        (late) => connector.close?.(late),
        () => {},
      )
      .catch(() => {})
  let session: unknown
  try {
    session = await abortable(opening, signal)
  } catch (error) {
    if (signal.aborted) closeLate()
    throw error
  }
  return {
    session,
    run: { config, log: safeLog, signal },
    redactor,
    close: async () => {
      const closing = Promise.resolve().then(() => connector.close?.(session))
      closing.catch((error: unknown) =>
        safeLog.warn('The session did not close cleanly.', { error: redactor.text(String(error)) }),
      )
      await settledWithin(closing, 2_000)
    },
  }
}

/** User names and regions are no secrets: only what the schema marks `writeOnly`, and the tokens of OAuth. */
function secretsOnly(connector: SourceConnector, method: unknown, values: Values): unknown {
  const auth = connector.auth[String(method)]
  // The rest of a token answer says where and who: addresses that entries are full of.
  if (auth?.kind === 'oauth2') {
    const telling = Object.entries(values.extra ?? {}).filter(([name]) => /token|secret|signature/i.test(name))
    return [values.accessToken, telling.map(([, value]) => value)]
  }
  if (auth?.kind !== 'secret') return values
  return Object.entries(values).flatMap(([name, value]) => (auth.schema.properties?.[name]?.writeOnly ? [value] : []))
}

function maskLog(log: Log, redactor: Redactor): Log {
  const at = (level: keyof Log) => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log[level](redactor.text(message), fields && redactor.fields(fields))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
