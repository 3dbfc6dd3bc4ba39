import { isAbsolute, resolve } from 'node:path'
import { parseCidr } from './egress/policy.ts'
import type { LogLevel } from './log.ts'
import type { OAuthClient } from './oauth/provider.ts'

/** What an operator can set; see the table of settings in the README. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** Where clients reach this host, without a trailing slash. */
  readonly publicUrl: string | undefined
  readonly dataDir: string
  /** The SQLite file. */
  readonly databaseFile: string
  readonly apiKey: string | undefined
  /** 32 bytes in base64 each; the first one is written with. */
  readonly encryptionKeys: readonly string[]
  /** npm package names. */
  readonly plugins: readonly string[]
  /** OAuth clients of this deployment, by connector type in capitals: `GOOGLE_DRIVE`. */
  readonly oauthClients: Readonly<Record<string, Partial<OAuthClient>>>
  /** Origins that a person may be sent back to after OAuth, besides this host's own. */
  readonly oauthReturnOrigins: readonly string[]
  /** Origins whose pages may use this API from a browser; `*` is all of them. */
  readonly corsOrigins: readonly string[]
  /** CIDRs that may be connected to besides. */
  readonly egressAllow: readonly string[]
  /** The key that embedding endpoints are asked with, and how often they are asked. */
  readonly embedding: { readonly apiKey: string | undefined; readonly requestsPerMinute: number }
  /** The package that reads text off pictures, and the languages it looks for; off without it. */
  readonly ocr: { readonly package: string; readonly languages: readonly string[] } | undefined
  readonly logLevel: LogLevel
  /** Where spans are sent; none are made without it. */
  readonly otlp: { readonly url: string; readonly serviceName: string } | undefined
  /** Documents fetched at once in one sync. */
  readonly concurrency: number | undefined
  readonly parseWorkers: number | undefined
  /** Requests a minute and key; 0 turns the limit off. */
  readonly rateLimit: number
}

/** Thrown with every mistake at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

const firstPartyPlugins: readonly string[] = [
  'confluence',
  'filesystem',
  'github',
  'google-drive',
  'notion',
  'postgresql',
  's3',
  'salesforce',
  'slack',
].map((name) => `@cx/plugin-${name}`)

/** Reads the `CX_*` variables. @throws SettingsError */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const mistakes: string[] = []
  const text = (name: string) => env[name]?.trim() || undefined
  const list = (name: string) =>
    (text(name) ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean)
  const whole = (name: string, least: number, most: number) => {
    const given = text(name)
    if (given === undefined) return undefined
    if (/^\d+$/.test(given) && Number(given) >= least && Number(given) <= most) return Number(given)
    mistakes.push(`${name} is ${JSON.stringify(given)}; it takes a whole number from ${least} to ${most}.`)
    return undefined
  }
  const oneOf = <T extends string>(name: string, values: readonly T[], fallback: T): T => {
    const given = text(name) ?? fallback
    if (values.includes(given as T)) return given as T
    mistakes.push(`${name} is ${JSON.stringify(given)}; it takes one of ${values.join(', ')}.`)
    return fallback
  }
  const dataDir = resolve(text('CX_DATA_DIR') ?? 'data')
  const settings: Settings = {
    host: text('CX_HOST') ?? '127.0.0.1',
    port: whole('CX_PORT', 0, 65_535) ?? 8080,
    publicUrl: readUrl(text('CX_PUBLIC_URL'), mistakes),
    dataDir,
    databaseFile: readDatabase(text('CX_DATABASE_URL'), dataDir, mistakes),
    apiKey: readApiKey(text('CX_API_KEY'), mistakes),
    encryptionKeys: readEncryptionKeys(list('CX_ENCRYPTION_KEY'), mistakes),
    plugins: text('CX_PLUGINS') === undefined ? firstPartyPlugins : list('CX_PLUGINS'),
    oauthClients: readOAuthClients(env, mistakes),
    oauthReturnOrigins: readOrigins('CX_OAUTH_RETURN_ORIGINS', list, mistakes),
    corsOrigins: text('CX_CORS_ORIGINS') === '*' ? ['*'] : readOrigins('CX_CORS_ORIGINS', list, mistakes),
    egressAllow: readCidrs(list('CX_EGRESS_ALLOW'), mistakes),
    embedding: {
      apiKey: text('CX_EMBEDDING_API_KEY'),
      requestsPerMinute: whole('CX_EMBEDDING_REQUESTS_PER_MINUTE', 1, 1_000_000) ?? 600,
    },
    ocr: readOcr(text('CX_OCR'), list('CX_OCR_LANGUAGES'), mistakes),
    otlp: readOtlp(env, mistakes),
    logLevel: oneOf('CX_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], 'info'),
    concurrency: whole('CX_CONCURRENCY', 1, 1000),
    parseWorkers: whole('CX_PARSE_WORKERS', 1, 256),
    rateLimit: whole('CX_RATE_LIMIT', 0, 10_000_000) ?? 6000,
  }
  if (mistakes.length > 0) throw new SettingsError(mistakes.join('\n'))
  return settings
}

function readUrl(given: string | undefined, mistakes: string[]): string | undefined {
  if (given === undefined) return undefined
  if (isHttp(given)) return given.replace(/\/+$/, '')
  mistakes.push(`CX_PUBLIC_URL is ${JSON.stringify(given)}; it takes an address such as https://cx.example.com.`)
  return undefined
}

/** The standard's own names: the address of all signals, or the whole one of traces. */
function readOtlp(env: Readonly<Record<string, string | undefined>>, mistakes: string[]): Settings['otlp'] {
  const [base, whole] = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].map((name) => {
    const given = env[name]?.trim() || undefined
    if (given === undefined || isHttp(given)) return given
    mistakes.push(`${name} is ${JSON.stringify(given)}; it takes an address such as http://127.0.0.1:4318.`)
    return undefined
  })
  const url = whole ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`)
  return url === undefined ? undefined : { url, serviceName: env.OTEL_SERVICE_NAME?.trim() || 'cx' }
}

function readOcr(given: string | undefined, languages: readonly string[], mistakes: string[]): Settings['ocr'] {
  if (given === undefined) {
    if (languages.length > 0) mistakes.push('CX_OCR_LANGUAGES is set and CX_OCR is not; set CX_OCR=tesseract too.')
    return undefined
  }
  if (!/^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/.test(given))
    mistakes.push(`CX_OCR is ${JSON.stringify(given)}; it takes tesseract, or the name of an npm package.`)
  const name = given === 'tesseract' ? '@cx/ocr-tesseract' : given
  return { package: name, languages: languages.length === 0 ? ['eng'] : languages }
}

function readDatabase(given: string | undefined, dataDir: string, mistakes: string[]): string {
  const fallback = resolve(dataDir, 'cx.sqlite')
  if (given === undefined) return fallback
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(given)?.[1]
  if (file) return isAbsolute(file) ? file : resolve(file)
  mistakes.push(
    given.startsWith('postgres')
      ? 'CX_DATABASE_URL names a PostgreSQL server; this version keeps its data in SQLite. Leave it out, or write sqlite:<file>.'
      : 'CX_DATABASE_URL takes sqlite:<file>.',
  )
  return fallback
}

function readApiKey(given: string | undefined, mistakes: string[]): string | undefined {
  if (given !== undefined && (given.length < 16 || /\s/.test(given)))
    mistakes.push('CX_API_KEY needs 16 characters at least, and no spaces.')
  return given
}

function readEncryptionKeys(given: readonly string[], mistakes: string[]): readonly string[] {
  if (given.some((key) => Buffer.from(key, 'base64').length !== 32))
    mistakes.push(
      'CX_ENCRYPTION_KEY takes 32 bytes in base64; `openssl rand -base64 32` makes them. Several are separated by commas, the current one first.',
    )
  return given
}

const clientFields = {
  CLIENT_ID: 'clientId',
  CLIENT_SECRET: 'clientSecret',
  AUTHORIZATION_URL: 'authorizationUrl',
  TOKEN_URL: 'tokenUrl',
  REVOCATION_URL: 'revocationUrl',
} as const satisfies Readonly<Record<string, keyof OAuthClient>>

function readOAuthClients(
  env: Readonly<Record<string, string | undefined>>,
  mistakes: string[],
): Readonly<Record<string, Partial<OAuthClient>>> {
  const clients: Record<string, Partial<OAuthClient>> = {}
  for (const [variable, given] of Object.entries(env)) {
    const [, provider, field] =
      /^CX_OAUTH_([A-Z0-9_]+?)_((?:CLIENT|AUTHORIZATION|TOKEN|REVOCATION)_(?:ID|SECRET|URL))$/.exec(variable) ?? []
    const value = given?.trim()
    if (!provider || !value || !Object.hasOwn(clientFields, field!)) continue
    if (field!.endsWith('_URL') && !isHttp(value))
      mistakes.push(
        `${variable} is ${JSON.stringify(value)}; it takes an address such as https://login.example.com/token.`,
      )
    clients[provider] = { ...clients[provider], [clientFields[field as keyof typeof clientFields]]: value }
  }
  return clients
}

function readOrigins(name: string, list: (name: string) => readonly string[], mistakes: string[]): readonly string[] {
  const given = list(name)
  for (const one of given)
    if (!isHttp(one) || new URL(one).origin !== one.replace(/\/$/, ''))
      mistakes.push(`${name} has ${JSON.stringify(one)}; it takes origins such as https://app.example.com.`)
  return given.map((one) => one.replace(/\/$/, ''))
}

function readCidrs(given: readonly string[], mistakes: string[]): readonly string[] {
  for (const one of given)
    try {
      parseCidr(one)
    } catch {
      mistakes.push(`CX_EGRESS_ALLOW has ${JSON.stringify(one)}; it takes ranges such as 10.0.0.0/8 or fd00::/8.`)
    }
  return given
}

function isHttp(given: string): boolean {
  return URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
}
