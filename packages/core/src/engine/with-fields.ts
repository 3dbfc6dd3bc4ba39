import type { Log } from './ports.ts'

/** The log with fields on each of its lines. */
export function withFields(log: Log, fields: Readonly<Record<string, unknown>>): Log {
  const at = (level: keyof Log) => (message: string, more?: Readonly<Record<string, unknown>>) =>
    log[level](message, { ...fields, ...more })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
