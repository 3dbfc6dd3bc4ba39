import type { Principal } from '@cx/core'
import type { Client } from './client.ts'
import type { Config } from './config.ts'

export type Kind = 'page' | 'blogpost'
export type Status = 'current' | 'archived' | 'trashed'

export interface Space {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly archived: boolean
  readonly personal: boolean
  /** Another key by which it is found after its key was changed. */
  readonly alias?: string
}

/** A page or blog post as a list gives it. */
export interface Row {
  readonly id: string
  readonly kind: Kind
  readonly title: string
  readonly status: string
  readonly spaceId: string
  readonly spaceKey?: string
  /** The number of the version. */
  readonly version: number
  /** Epoch milliseconds of the version; what lists are ordered by. */
  readonly modified: number
  readonly createdAt?: string
  readonly authorId?: string
  /** Where the list tells it. */
  readonly authorName?: string
  readonly webui?: string
  readonly parent?: Parent
  /** Everything above it, the top first, where the product tells it. */
  readonly above?: readonly Node[]
}

/** What a page lies under: a page, folder, whiteboard, database or embed. */
export interface Parent {
  readonly id: string
  readonly kind: string
}

export interface Node {
  readonly id: string
  readonly title: string
  readonly parent?: Parent
}

/** One page, to be rendered. */
export interface Body {
  readonly row: Row
  readonly html: string
  readonly labels: readonly string[]
}

export interface Wanted {
  readonly source: Config['bodySource']
  readonly labels: boolean
  readonly statuses: readonly Status[]
}

export interface Member {
  readonly id: string
  readonly name?: string
  readonly email?: string
}

export interface Call {
  readonly signal: AbortSignal
}

/** What the two products have in common; each answers it with its own calls. */
export interface Wiki {
  readonly client: Client
  readonly flavour: 'cloud' | 'data_center'
  /** All spaces there are, or those of these keys. */
  spaces(keys: readonly string[] | undefined, call: Call): AsyncIterable<readonly Space[]>
  /** Pages or blog posts of one space. */
  rows(space: Space, kind: Kind, statuses: readonly Status[], call: Call & Broken): AsyncIterable<readonly Row[]>
  /** When anything in these spaces was last changed, in epoch milliseconds; 0 when there is nothing. */
  newest(spaces: readonly Space[], kinds: readonly Kind[], call: Call): Promise<number>
  /** At least what changed since, in epoch milliseconds. */
  modified(spaces: readonly Space[], kind: Kind, window: Window, call: Call): AsyncIterable<readonly Row[]>
  /** Ids of what is in the bin, or archived. */
  hidden(
    spaces: readonly Space[],
    kind: Kind,
    statuses: readonly Status[],
    call: Call,
  ): AsyncIterable<readonly string[]>
  /** Those of these that can be seen, as they are now. */
  byIds(ids: readonly string[], kind: Kind, statuses: readonly Status[], call: Call): AsyncIterable<readonly Row[]>
  /** Something above a page that is no page; undefined when it cannot be seen. */
  node(parent: Parent, call: Call): Promise<Node | undefined>
  /** Pages right under a page, or at the top of a space. */
  children(space: Space, parentId: string | undefined, call: Call): AsyncIterable<readonly Pick<Row, 'id' | 'title'>[]>
  body(id: string, kind: Kind, want: Wanted, call: Call): Promise<Body>
  /** Those of these that can be had together, as they were written. */
  bodies(ids: readonly string[], kind: Kind, want: Wanted, call: Call): Promise<ReadonlyMap<string, Body>>
  /** Attachments of a page in the bin; empty where the product does not tell. */
  attachmentsOfHidden(id: string, kind: Kind, call: Call): Promise<readonly string[]>
  /** Whoever may view a space, without regard to restrictions of pages. */
  readers(space: Space, call: Call): Promise<readonly Principal[]>
  groups(call: Call): AsyncIterable<readonly { readonly id: string; readonly name: string }[]>
  members(group: { readonly id: string; readonly name: string }, call: Call): AsyncIterable<readonly Member[]>
  /** Who these are, by the ids of mentions and permissions; who is not told is not known. */
  people(ids: readonly string[], call: Call): Promise<ReadonlyMap<string, Member>>
}

export interface Window {
  readonly since: number
  readonly statuses: readonly Status[]
}

export interface Broken {
  /** Something in the space cannot be listed; the rest goes on. */
  readonly onBroken?: ((error: unknown) => void) | undefined
}

/** A time of the vendor in epoch milliseconds; 0 when there is none. */
export function timeOf(text: string | undefined): number {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? 0 : time
}

/** Splits into groups of at most `size`. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
