import { affected, type Delivery, type Hmac, hmac, type Receipt, resync } from '@cx/core'
import type { Config } from './config.ts'
import { encodeKey, relationPath } from './path.ts'

/** Whoever tells (a trigger with pg_net, a script at `LISTEN`) signs the body with the webhook's secret. */
export const verify: Hmac = hmac({ hash: 'sha256', header: 'x-cx-signature', prefix: 'sha256=' })

/**
 * What `{ "schema", "table", "keys": [...] }` means: the rows with these keys are selected again. A key is text or a
 * number, or an array of them where several columns make the key. Without keys it means the table, without a table
 * everything. Values of rows in a delivery are never used.
 */
export function receive({ body, headers }: Delivery, config: Config): Receipt {
  const deliveryId = headers.get('x-cx-delivery') ?? undefined
  const told = parse(body)
  if (!told) return resync('The delivery names no table.', deliveryId)
  const { schema = config.schema, table, keys = [] } = told
  if (config.query !== undefined) return resync(`${schema}.${table} changed, and the query may show it.`, deliveryId)
  const prefix = relationPath(schema, table)
  const rows = keys.map(toRow)
  if (rows.length === 0 || rows.includes(undefined)) return affected([prefix], deliveryId)
  return affected(
    rows.map((row) => `${prefix}${row}`),
    deliveryId,
  )
}

interface Told {
  readonly schema?: string
  readonly table: string
  readonly keys?: readonly unknown[]
}

function parse(body: Uint8Array): Told | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof value !== 'object' || value === null) return undefined
    const { schema, table, keys } = value as Readonly<Record<string, unknown>>
    if (typeof table !== 'string' || table === '') return undefined
    return {
      table,
      ...(typeof schema === 'string' && schema !== '' ? { schema } : {}),
      ...(Array.isArray(keys) ? { keys } : {}),
    }
  } catch {
    return undefined
  }
}

/** Undefined for a key that JSON cannot have carried exactly: then the whole table is looked at. */
function toRow(key: unknown): string | undefined {
  const parts = Array.isArray(key) ? (key as unknown[]) : [key]
  const exact = parts.every(
    (part) => typeof part === 'string' || typeof part === 'boolean' || Number.isSafeInteger(part),
  )
  if (!exact || parts.length === 0) return undefined
  return encodeKey(parts.map((part) => (typeof part === 'boolean' ? (part ? 't' : 'f') : String(part))))
}
