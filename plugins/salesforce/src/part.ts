import type { Entry, Json } from '@cx/core'
import type { Row } from './client.ts'

/** Rows that belong to a record's document and do not touch its time of change. */
export interface ChildKind {
  readonly object: string
  /** Names the record they belong to. */
  readonly parent: string
  readonly title: string
  readonly fields: readonly string[]
}

/** One listing: the records of an object, the files, or the articles of one language. */
export interface Part {
  /** Unique; kept in cursors. */
  readonly key: string
  /** Everything listed stands under it; ends in a slash. */
  readonly prefix: string
  readonly object: string
  /** What all ids of its records begin with, where that is known. */
  readonly idPrefix: string
  readonly fields: readonly string[]
  /** What narrows it; undefined takes every record. */
  readonly where: string | undefined
  /** The field with the time of the last change. */
  readonly stamp: string
  readonly children: readonly ChildKind[]
  /** Can be listed by the Bulk API. */
  readonly bulk: boolean
  /** How its entries leave: see `gone`. */
  readonly leaves: 'deleted' | 'file' | 'archived' | 'never'
  /** The entry of a row, with the version that the row alone gives. */
  entry(row: Row): Entry
}

/** What `read` needs of an entry. */
export type Ref = { readonly kind: 'record' | 'article' | 'file'; readonly object: string; readonly id: string }

export function refOf(entry: Entry): Ref | undefined {
  const { kind, object, id } = (entry.ref ?? {}) as Partial<Ref>
  return typeof kind === 'string' && typeof object === 'string' && typeof id === 'string'
    ? { kind, object, id }
    : undefined
}

export function text(value: Row[string] | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

/** Members that are there, for entries. */
export function present(members: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const kept: Record<string, Json> = {}
  for (const [name, value] of Object.entries(members))
    if (value !== undefined && value !== null && value !== '') kept[name] = value
  return kept
}

/** A slash in a name must not become a folder. */
export function segment(name: string): string {
  return name.replaceAll('/', '∕')
}
