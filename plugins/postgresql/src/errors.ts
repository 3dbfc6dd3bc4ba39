import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@cx/core'

interface Meaning {
  readonly code: ConnectorErrorCode
  readonly remediation?: string
  /** The whole server or connection is affected, not one table. */
  readonly everywhere?: true
}

const busy = { code: 'unavailable', everywhere: true } as const
const tls = {
  code: 'misconfigured',
  everywhere: true,
  remediation: 'Check `sslMode`, `sslCa` and that `host` is the name in the server certificate.',
} as const

/** https://www.postgresql.org/docs/current/errcodes-appendix.html, and what Node calls network errors. */
const meanings: Readonly<Record<string, Meaning>> = {
  '28P01': { code: 'unauthenticated', everywhere: true, remediation: 'Enter the user and password again.' },
  '28000': { code: 'unauthenticated', everywhere: true, remediation: 'Check that the role exists and may log in.' },
  '3D000': { code: 'misconfigured', everywhere: true, remediation: 'Check `database`.' },
  '3F000': { code: 'misconfigured', remediation: 'Check `schema`.' },
  '42P01': { code: 'misconfigured', remediation: 'Check the names of tables.' },
  '42703': { code: 'misconfigured', remediation: 'Check the names of columns.' },
  '42601': { code: 'misconfigured', remediation: '`query` must be one SELECT statement, without a semicolon inside.' },
  '42702': { code: 'misconfigured', remediation: 'Give every column of `query` a name of its own.' },
  '42883': { code: 'misconfigured' },
  '42804': { code: 'misconfigured' },
  '25006': { code: 'misconfigured', remediation: '`query` must only read: it runs in a read-only transaction.' },
  '42501': { code: 'forbidden', remediation: 'GRANT USAGE on the schema and SELECT on the table to this role.' },
  '57014': { code: 'unavailable', remediation: 'Raise `statementTimeoutMs` if the server is not merely busy.' },
  '55P03': {
    code: 'unavailable',
    remediation: 'Another session holds a lock on it; raise `lockTimeoutMs` if it is short.',
  },
  '40P01': { code: 'unavailable' },
  '40001': {
    ...busy,
    remediation: 'On a standby, `hot_standby_feedback = on` or a larger `max_standby_streaming_delay` prevents this.',
  },
  '53300': { ...busy, remediation: 'The server has no free connections; lower `maxConnections`.' },
  '42704': { code: 'cursor_expired' },
  '55006': {
    code: 'unavailable',
    remediation: 'Another process reads this replication slot; each connector needs its own.',
  },
  // What the host refuses to connect to, it will refuse again.
  egress_denied: { code: 'misconfigured', everywhere: true },
  ECONNREFUSED: { ...busy, remediation: 'Check `host` and `port`, and that the server is running.' },
  ENOTFOUND: { ...busy, remediation: 'Check `host`.' },
  EAI_AGAIN: { ...busy, remediation: 'Check `host`.' },
  ENOENT: { ...busy, remediation: 'Check `host`.' },
  SELF_SIGNED_CERT_IN_CHAIN: tls,
  DEPTH_ZERO_SELF_SIGNED_CERT: tls,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: tls,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: tls,
  CERT_HAS_EXPIRED: tls,
  ERR_TLS_CERT_ALTNAME_INVALID: tls,
}

function meaningOf(code: string, message: string): Meaning {
  if (code === '28000' && message.includes('pg_hba.conf'))
    return {
      code: 'misconfigured',
      everywhere: true,
      remediation: 'The server does not let this host, user, database and TLS mode in; see its pg_hba.conf.',
    }
  if (code === '42501' && message.includes('row-level security'))
    return {
      code: 'forbidden',
      remediation:
        'GRANT the role BYPASSRLS, or set `allowRls` to read only what the policies let through (a changed policy then looks like deleted rows).',
    }
  // The driver's own words when a password is asked for and there is none, or SCRAM fails.
  if (code === '' && message.startsWith('SASL')) return meanings['28P01']!
  const known = meanings[code]
  if (known) return known
  if (/does not support SSL/.test(message)) return tls
  if (/^ERR_(SSL|TLS|OSSL)/.test(code)) return tls
  if (/^(08|53|57P)/.test(code) || code === '' || /^E[A-Z]+$/.test(code)) return busy
  if (code.startsWith('22') || code.startsWith('21')) return { code: 'unprocessable' }
  return { code: 'misconfigured' }
}

/** Errors that say nothing about one table: the connection, the login, the server. */
const everywhere = new WeakSet<object>()

/** Whether the error is about the connection or the server, so that other tables would fail alike. */
export function concernsEverything(error: unknown): boolean {
  return typeof error === 'object' && error !== null && everywhere.has(error)
}

/** The SQLSTATE or Node's error code; empty when there is none. */
export function sqlState(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/**
 * Turns a driver's error into an instruction. The original is not kept as `cause`: drivers hang the client, with its
 * password, onto errors, and PostgreSQL puts values of rows into the details.
 */
export function toConnectorError(error: unknown, where: string): ConnectorError {
  if (isConnectorError(error)) return error
  const code = sqlState(error)
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const text = first instanceof Error ? first.message : String(first)
  const meaning = meaningOf(code, text)
  const message = `${where}: ${text || code}${code === '' ? '' : ` (${code})`}`
  const result = new ConnectorError(
    meaning.code,
    message,
    meaning.remediation === undefined ? {} : { remediation: meaning.remediation },
  )
  if (meaning.everywhere) everywhere.add(result)
  return result
}
