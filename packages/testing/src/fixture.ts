import type { Json, Principal } from '@cx/core'
import type { Faults } from './driver/faults.ts'

/**
 * What a connector's author writes once so that the kit can test the connector: a way to start a stand-in of the
 * source, and the verbs to edit it. Only `start` with `config`, `put` and `remove` is required; every optional ability
 * switches on more laws, and a law whose ability is missing is shown as "not applicable", never as passed.
 */
export interface Fixture {
  /** Shown in the score card, such as `fake server` or `embedded PostgreSQL`. */
  readonly name: string
  /**
   * A fresh, empty source. Called once for every law that needs one (some 60 times), and several times by the law of
   * random edits: start what is expensive (a server, a database) once outside, and hand out an empty corner of it.
   */
  start(): Promise<World>
  /** How many documents the kit puts where a law wants several pages; 12 unless told. Give your stand-in small pages. */
  readonly entries?: number
  /** How many calls a verb may make. Without them the laws of call budgets are not applicable. */
  readonly budgets?: Budgets
  /** Laws this connector does not keep, by id, each with the reason why it may not. Shown in the score card. */
  readonly waive?: Readonly<Record<string, string>>
  /** Milliseconds a law may take; 30,000 unless told. */
  readonly timeoutMs?: number
}

/** Upper bounds of calls to the source, with the stand-in's page size. `connect` is not counted. */
export interface Budgets {
  /** `check`; 3 unless told. */
  readonly check?: number
  /** A whole listing of this many entries: `(n) => 1 + Math.ceil(n / 1000)`. */
  readonly list?: (entries: number) => number
  /** `changes.since` when nothing changed. */
  readonly unchanged?: number
  /** `permissions.acls` of this many entries. */
  readonly acls?: (entries: number) => number
  /** `read` of one entry. */
  readonly read?: number
}

/** What the kit asks of one delivery of a webhook. */
export interface SampleDelivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly query?: Readonly<Record<string, string>>
  /** What the connector must make of it. */
  readonly expect: 'affected' | 'resync' | 'ignored' | 'handshake'
  /** The paths, when `expect` is `affected`. */
  readonly paths?: readonly string[]
}

/**
 * One source, as the kit sees it. `key` is the kit's name for a document, such as `docs/a.md`: slashes, a known
 * extension, unique. A source whose paths look otherwise says so in `pathOf`.
 */
export interface World {
  /** A configuration of the connector that sees what `put` makes. */
  readonly config: Readonly<Record<string, Json>>
  /** Working credentials with their `method`; `{ method: 'none' }` unless told. Use long, recognisable secrets: the kit searches for them. */
  readonly credentials?: Readonly<Record<string, Json>>
  /** Makes the document, or replaces its content. The content is one line of letters and digits; `read` must give a text that contains it. */
  put(key: string, content: string): Promise<void>
  /** Removes the document. */
  remove(key: string): Promise<void>
  /** Releases the stand-in. */
  close(): Promise<void>

  /** `Entry.path` of what `put(key)` made; the key itself unless told. */
  pathOf?(key: string): string
  /** Many documents at once, where that is much cheaper than one `put` each. */
  putAll?(documents: readonly { readonly key: string; readonly content: string }[]): Promise<void>
  /** Moves a document without touching its content. Switches on: renames. */
  rename?(from: string, to: string): Promise<void>
  /** Waits until the source shows the last edit to its readers; called after every edit. */
  settle?(): Promise<void>
  /** Names with odd characters that the source can hold, without directories; the kit's list unless told. `[]`: it can hold none. */
  readonly oddNames?: readonly string[]

  /** Credentials of the same shape that the source refuses. Switches on: wrong credentials. */
  readonly badCredentials?: Readonly<Record<string, Json>>
  /** A configuration that is well-formed and wrong: a bucket or a repository that does not exist. Switches on: wrong configuration. */
  readonly badConfig?: Readonly<Record<string, Json>>
  /** Other configurations that work; together with `config` they use every field there is. Switches on: every documented field works. */
  readonly alternatives?: readonly Readonly<Record<string, Json>>[]

  /** What `connect` gets as `fetch`, under the kit's faults and counters; the global one unless told. */
  readonly fetch?: typeof globalThis.fetch
  /** The vendor's own answer to a fault, where a plain status with `Retry-After` is not how it speaks; undefined: the kit's plain answer. */
  answer?(fault: import('./driver/faults.ts').Fault, request: Request): Response | undefined
  /** Faults of a source that is not reached through `fetch`; see `startProxy` and `startTcpProxy`. Switches on: completeness under faults, limits, aborts, budgets. */
  readonly faults?: Faults

  /** Takes away the right to read this document (or its folder). Switches on: unreadable parts. */
  deny?(key: string): Promise<void>
  /** From now on the source says that its listing is cut off, as the vendor says it (`truncated: true`, `incompleteSearch`, a cap). Switches on: truncated listings. */
  truncate?(): Promise<void>
  /** Makes every cursor given out so far expire. Switches on: expired cursors. */
  expireCursors?(): Promise<void>
  /** From now on exactly these may read the document; says so by the principals that the connector must name. Switches on: permission laws. */
  setAcl?(key: string, readers: readonly Principal[]): Promise<readonly Principal[] | undefined>
  /** How often content was fetched so far. Switches on, without `fetch`: a permission refresh reads no content. */
  contentReads?(): number
  /** Large amounts, generated by the stand-in as it answers. Switches on: memory laws. */
  readonly big?: {
    /** Makes this many small documents. */
    entries?(count: number): Promise<void>
    /** Makes one document of this many bytes. */
    file?(key: string, bytes: number): Promise<void>
  }
  /** Deliveries of the source's webhook. Switches on: webhook laws. */
  readonly webhook?: {
    readonly secret: string
    readonly deliveries: readonly SampleDelivery[]
    /** Headers that prove a delivery, where the connector declares its own verification; HMAC is signed by the kit. */
    sign?(delivery: SampleDelivery, secret: string): Readonly<Record<string, string>>
    /** The connector's configuration for `receive`, when it differs from `config`. */
    readonly config?: Readonly<Record<string, Json>>
  }
}
