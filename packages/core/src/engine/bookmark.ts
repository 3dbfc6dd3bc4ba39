import type { SourceConnector } from '../contract/connector.ts'
import type { Json } from '../contract/schema.ts'
import { hash53 } from './fingerprint.ts'

/** A place in a listing or a change feed as it is stored: with what it is good for. */
export interface Bookmark {
  /** Of the configuration; under another one the same place means something else. */
  readonly scope: number
  /** The job that began the listing. */
  readonly job: string
  /** Of a listing of everything, not of some paths. */
  readonly whole: boolean
  readonly at: Json
}

/** Tells configurations apart by everything but their secrets. */
export function scopeOf(connector: SourceConnector, config: Readonly<Record<string, Json>>): number {
  const secret = (name: string) => connector.config.properties?.[name]?.writeOnly === true
  const fields = Object.entries(config).filter(([name]) => !secret(name))
  return hash53(JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** The bookmark, when it was made under this configuration. */
export function readBookmark(stored: Json | undefined, scope: number): Bookmark | undefined {
  const bookmark = stored as Partial<Bookmark> | null | undefined
  if (typeof bookmark !== 'object' || bookmark === null || bookmark.scope !== scope) return undefined
  const { job, whole, at } = bookmark
  return job === undefined || whole === undefined || at === undefined ? undefined : { scope, job, whole, at }
}
