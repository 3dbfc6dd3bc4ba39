import type { Auth, Credentials } from './auth.ts'
import type { Acl, Checkpoint, Content, Entry, Principal, Removed } from './entry.ts'
import type { Infer, Json, JsonSchema } from './schema.ts'
import type { Delivery, Receipt, Verification } from './webhook.ts'

/** Structured logging. Fields must not hold secrets; the host masks those it knows. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/**
 * Finds the addresses of a name, in the shape that sockets and drivers take:
 * https://nodejs.org/api/net.html#socketconnectoptions-connectlistener
 */
export type Lookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined; readonly family?: number | 'IPv4' | 'IPv6' | undefined },
  callback: (
    error: Error | null,
    address: string | { address: string; family: number }[],
    family?: number | undefined,
  ) => void,
) => void

/** What `connect` gets: the only place that sees credentials. */
export interface Connection<C, A> {
  readonly config: C
  /** Fresh credentials at each call; OAuth tokens are refreshed by the host before they expire. Pass `refused` when the source said 401 to the last ones. */
  credentials(options?: { readonly refused?: boolean }): Promise<Credentials<A>>
  /** The host's `fetch`: rate limits, retries, egress rules and tracing. Give it to any SDK that takes one. */
  readonly fetch: typeof globalThis.fetch
  /**
   * For drivers that open sockets of their own: finds only addresses that the host's egress rules allow, so that what
   * was checked is what is connected to. Absent where the host restricts nothing; the driver's own is right then.
   */
  readonly lookup?: Lookup
  readonly log: Log
  readonly signal: AbortSignal
}

/** What every verb gets besides its session. */
export interface Run<C> {
  readonly config: C
  readonly log: Log
  /** Aborted on cancel and shutdown; pass it on to every call. */
  readonly signal: AbortSignal
}

export interface ListRun<C> extends Run<C> {
  /** The last committed checkpoint of an unfinished listing: go on after it. */
  readonly resume?: Json
  /** Only these paths are asked for (a trailing `/` means the subtree). A hint: what is yielded besides is ignored. */
  readonly paths?: readonly string[]
  /** This part could not be listed: it is reported, and nothing under it is deleted. */
  unreadable(path: string, error: unknown): void
}

/** One capability that `check` looked at. */
export interface CapabilityCheck {
  readonly capability: string
  readonly status: 'ok' | 'failed' | 'skipped'
  readonly message: string
  readonly remediation?: string
}

export interface CheckResult {
  /** Who or what we are at the source, for people. */
  readonly account: string
  /** Pinned at the first check: a sync against another one is refused. */
  readonly tenant?: string
  readonly checks?: readonly CapabilityCheck[]
}

/** One file on its way to the source. */
export interface Upload {
  readonly path: string
  readonly body: ReadableStream<Uint8Array>
  /** Bytes, when known. */
  readonly size?: number
  readonly mimeType: string
}

/** One step of a picker. */
export interface BrowseItem {
  readonly path: string
  readonly title: string
  readonly hasChildren: boolean
  /** Whether it can be put into the configuration. */
  readonly selectable: boolean
}

/**
 * How fast a source lets one credential call. The host keeps just below it, waits as the source says when it refuses all the
 * same, and then goes as fast as it turned out to allow. Without any, calls go as they come until the source first refuses.
 */
export interface Rate {
  readonly requestsPerMinute?: number
  /** Goes up to so much, slowly, while nothing is refused: for sources that document an average, or a minimum. */
  readonly upToPerMinute?: number
  /** Calls that may come at once after a quiet time; about 1 % of a minute's unless told. */
  readonly burst?: number
}

/** What {@link Definition.limits} says. Name the vendor's page beside the numbers. */
export interface Limits extends Rate {
  /** Reads at once; 16 unless told. */
  readonly concurrency?: number
  /** For a source that counts some kinds of calls apart from others: which kind a call is of, and that kind's own rate. Undefined: the common one. */
  rateOf?(url: URL): (Rate & { readonly bucket: string }) | undefined
}

/** A connector's whole declaration. A capability is the presence of its group. */
export interface Definition<C extends JsonSchema, A extends { readonly [method: string]: Auth }, S, K extends Json> {
  /** snake_case: `google_drive` in `@cx/plugin-google-drive`. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly config: C
  readonly auth: A
  readonly limits?: Limits
  /** Raise it when the connector turns the same source bytes into different content: documents are read again. */
  readonly rendering?: number

  /** Makes the session; called once a run. */
  connect(connection: Connection<Infer<C>, A>): S | Promise<S>
  /** Called once after the run, also after an error. */
  close?(session: S): void | Promise<void>

  /** Cheap proof that the session works, by the same kind of call that a sync makes. */
  check(session: S, run: Run<Infer<C>>): Promise<CheckResult>
  /** Every entry there is, in a stable order. Metadata only. */
  list(session: S, run: ListRun<Infer<C>>): AsyncIterable<Entry | Checkpoint>
  /** The content of one entry, as a stream where it can be large. Called only for versions that are not indexed. */
  read(session: S, entry: Entry, run: Run<Infer<C>>): Promise<Content>

  readonly changes?: {
    /** The cursor of this moment: taken before a listing, stored after it. Null when this configuration has no feed. */
    now(session: S, run: Run<Infer<C>>): Promise<K | null>
    /** What happened since, in order; a final checkpoint carries the next cursor. */
    since(session: S, cursor: K, run: Run<Infer<C>>): AsyncIterable<Entry | Removed | Checkpoint<K>>
  }
  readonly permissions?: {
    /** Access lists of these entries, without reading content. An entry that is not yielded keeps its last known list. */
    acls(
      session: S,
      entries: readonly Entry[],
      run: Run<Infer<C>>,
    ): AsyncIterable<{ readonly id: string; readonly acl: Acl }>
    /** Every group that the access lists name, with its direct members. */
    groups?(
      session: S,
      run: Run<Infer<C>>,
    ): AsyncIterable<{ readonly id: string; readonly members: readonly Principal[] }>
  }
  readonly webhook?: {
    readonly verify: Verification
    /** What a verified delivery means. Pure: no calls. */
    receive(delivery: Delivery, config: Infer<C>): Receipt
    /** Registers `url` at the source; returns when it must be renewed (epoch ms) and a handle for it. */
    subscribe?(
      session: S,
      target: { readonly url: string; readonly secret: string },
      run: Run<Infer<C>>,
    ): Promise<{ readonly handle: Json; readonly expiresAt?: number }>
    renew?(
      session: S,
      handle: Json,
      target: { readonly url: string; readonly secret: string },
      run: Run<Infer<C>>,
    ): Promise<{ readonly handle: Json; readonly expiresAt?: number }>
  }
  readonly write?: {
    /** Stores one file at the source and returns it as `list` would. Streams; never buffers whole. */
    put(session: S, upload: Upload, run: Run<Infer<C>>): Promise<Entry>
    remove?(session: S, entry: Entry, run: Run<Infer<C>>): Promise<void>
  }
  readonly browse?: {
    /** What lies directly under `path`; the root is the empty string. */
    children(session: S, path: string, run: Run<Infer<C>>): AsyncIterable<BrowseItem>
  }
}

/** The version of this contract; a host loads plugins of its own version. */
export const apiVersion = 1

/** A connector as the host sees it: validated config in, nothing generic left. */
export interface SourceConnector extends Definition<JsonSchema, { readonly [method: string]: Auth }, unknown, Json> {
  readonly apiVersion: number
}

/**
 * Declares a connector. Types flow from `config` and `auth` into every verb, and from `connect` to the session.
 *
 * @throws TypeError when the name is not snake_case or the config schema is not an object schema.
 */
export function defineConnector<
  const C extends JsonSchema,
  const A extends { readonly [method: string]: Auth },
  S,
  K extends Json = Json,
>(definition: Definition<C, A, S, K>): SourceConnector {
  if (!/^[a-z][a-z0-9_]*$/.test(definition.name))
    throw new TypeError(`Connector name ${JSON.stringify(definition.name)} must be snake_case, such as "google_drive".`)
  if (definition.config.type !== 'object')
    throw new TypeError(`Connector ${definition.name}: \`config\` must be a JSON Schema with type "object".`)
  return Object.freeze({ ...definition, apiVersion }) as unknown as SourceConnector
}
