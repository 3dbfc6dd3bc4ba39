import type { Entry, Json } from '@cx/core'
import { toAcl } from './acl.ts'
import type { Config } from './config.ts'
import { encodeKey } from './path.ts'
import type { Plan } from './plan.ts'
import type { Row } from './transaction.ts'
import { toInstant, toMetadata } from './values.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Makes entries of listed rows. The path is the id: a row has no other name that outlives changes. */
export function createEntry(plan: Plan, config: Config): (row: Row, occurrence?: number) => Entry {
  const { path: prefix, key, facts } = plan
  const width = Math.max(1, key.length)
  const suffix = `.${plan.shape}`
  const mimeType = plan.body.length === 1 && config.contentColumns ? config.contentMimeType : 'text/markdown'
  return (row, occurrence = 1) => {
    const name = width === 1 ? encodeKey([row[0]!]) : encodeKey(row.slice(0, width))
    const path = prefix + (occurrence === 1 ? name : `${name}-${occurrence}`)
    const entry: Mutable<Entry> = { id: path, path, version: (row[width] ?? '') + suffix }
    if (!plan.blob) entry.mimeType = mimeType
    if (facts.length > 0) addFacts(entry, plan, config, row, width + 1)
    return entry
  }
}

function addFacts(entry: Mutable<Entry>, { facts }: Plan, config: Config, row: Row, offset: number): void {
  const metadata: Record<string, Json> = {}
  const placeholders = new Map<string, string>()
  facts.forEach(({ role, column }, i) => {
    const value = row[offset + i] ?? null
    if (role === 'acl') entry.acl = toAcl(value)
    else if (value === null) return
    else if (role === 'metadata') metadata[column.name] = toMetadata(value, column)
    else if (role === 'template') placeholders.set(column.name, value)
    else if (role === 'createdAt' || role === 'updatedAt') {
      const instant = toInstant(value)
      if (instant !== undefined) entry[role] = instant
    } else if (value !== '') entry[role] = value
  })
  if (Object.keys(metadata).length > 0) entry.metadata = metadata
  if (placeholders.size > 0 && config.urlTemplate !== undefined)
    entry.url = config.urlTemplate.replace(/\{([^{}]+)\}/g, (_match, name: string) =>
      encodeURIComponent(placeholders.get(name) ?? ''),
    )
}
