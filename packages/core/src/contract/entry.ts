import type { Json } from './schema.ts'

/** Someone or something that can be allowed to read. Ids are the source's own; emails are compared case-insensitively. */
export type Principal =
  | { readonly type: 'user'; readonly id: string; readonly email?: string }
  | { readonly type: 'group'; readonly id: string }
  | { readonly type: 'domain'; readonly id: string }
  | { readonly type: 'anyone' }

/** Readable by whoever is in every one of these sets, and not denied. One set is the common case; page restrictions under a space need two. */
export interface Acl {
  readonly allOf: readonly (readonly Principal[])[]
  readonly deny?: readonly Principal[]
}

/** One document as its source lists it: everything but the content. */
export interface Entry {
  /** Unique in the connection; outlives a rename where the source has such an id. */
  readonly id: string
  /** '/'-separated, for people and `file_filter`; never normalised beyond what the source says. */
  readonly path: string
  /** An etag, revision, sha or time of change: opaque, compared for equality only. */
  readonly version: string
  readonly title?: string
  readonly mimeType?: string
  /** Bytes. */
  readonly size?: number
  /** RFC 3339. */
  readonly createdAt?: string
  /** RFC 3339. */
  readonly updatedAt?: string
  readonly url?: string
  readonly author?: string
  /** When the listing gives it for free; otherwise implement `permissions`. Absent = not known = nobody. */
  readonly acl?: Acl
  /** Set when the source says now that the content cannot be had (archived, too large to export): recorded as skipped, `read` is not called. */
  readonly unavailable?: string
  /** What `read` needs again; comes back untouched. */
  readonly ref?: Json
  readonly metadata?: Readonly<Record<string, Json>>
}

/** Yielded by a change feed: the entry is gone at the source. */
export interface Removed {
  readonly kind: 'removed'
  readonly id: string
}

/** Yielded between entries: everything before it can be skipped when the run resumes from `cursor`. */
export interface Checkpoint<K extends Json = Json> {
  readonly kind: 'checkpoint'
  readonly cursor: K
}

/** The entry with this id is gone at the source. Only a change feed may say so. */
export function removed(id: string): Removed {
  return { kind: 'removed', id }
}

/** A place to resume from, covering everything yielded before it. Small: at most a few kilobytes of JSON. */
export function checkpoint<const K extends Json>(cursor: K): Checkpoint<K> {
  return { kind: 'checkpoint', cursor }
}

/** The content of one entry. A body that fails half-way fails the entry; nothing partial is stored. */
export interface Content {
  readonly body: ReadableStream<Uint8Array> | Uint8Array | string
  /** A hint; the parser looks at the bytes first. */
  readonly mimeType: string
  readonly filename?: string
  /** Replaces the entry's title. */
  readonly title?: string
}
