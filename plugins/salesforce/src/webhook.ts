import { affected, type Delivery, ignored, type Receipt } from '@cx/core'
import type { Config } from './config.ts'
import { isRecordId } from './soql.ts'

/**
 * What a Flow or trigger in Salesforce tells: `{ "id"?: …, "records": [{ "object": "Account", "id": "001…" }] }`. Only
 * what is named counts; the records are asked for again.
 */
export function receive(delivery: Delivery, config: Config): Receipt {
  let body: { id?: unknown; records?: unknown }
  try {
    body = JSON.parse(new TextDecoder().decode(delivery.body)) ?? {}
  } catch {
    return ignored('The body is no JSON.')
  }
  const id = typeof body.id === 'string' ? body.id : undefined
  if (!Array.isArray(body.records)) return ignored('The body names no records.', id)
  const objects = new Map(config.objects.map((name) => [name.toLowerCase(), name]))
  const paths = body.records.flatMap((record: { object?: unknown; id?: unknown } | null) => {
    const object = objects.get(String(record?.object).toLowerCase())
    // Salesforce names records by 18 characters in JSON made by Flow; 15 would be another path.
    return object && typeof record?.id === 'string' && record.id.length === 18 && isRecordId(record.id)
      ? [`${object}/${record.id}`]
      : []
  })
  return paths.length > 0
    ? affected([...new Set(paths)], id)
    : ignored('No record of a configured object is named.', id)
}
