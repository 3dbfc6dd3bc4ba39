import type { Log } from '@cx/core'
import { pino } from 'pino'
import { requestFields } from './request-context.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

const secretNames = [
  'authorization',
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'secretAccessKey',
  'sessionToken',
  'apiKey',
  'credentials',
  'clientSecret',
  'privateKey',
]

/** JSON lines on stderr, so that stdout stays for what a command prints. Fields with the names of secrets are masked at two levels. */
export function createLog(level: LogLevel): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
      mixin: requestFields,
      // What a line says of itself comes before what its request says.
      mixinMergeStrategy: (line, request) => ({ ...request, ...line }),
      serializers: { error: describeError },
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    },
    pino.destination({ dest: 2, sync: true }),
  )
  return wrap(logger)
}

function wrap(logger: pino.Logger): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      logger[level](fields, message)
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
}

function describeError(error: unknown): unknown {
  return error instanceof Error
    ? { name: error.name, message: error.message, stack: error.stack, code: (error as { code?: unknown }).code }
    : error
}
