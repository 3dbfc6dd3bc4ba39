import type { Log } from '../contract/connector.ts'
import type { Acl, Entry, Principal } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'
import type { ChildDocument, ParsedDocument, ParseFailureCode } from './parser.ts'

export type { Log }

/** Wall clock and timers, so that tests can own time. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Where credentials live, encrypted. */
export interface Vault {
  /** The stored credentials with their `method`, decrypted and, for OAuth, fresh; undefined when there are none. */
  credentials(
    connectorId: string,
    options?: { readonly refresh?: boolean },
  ): Promise<Readonly<Record<string, Json>> | undefined>
}

export type SyncMode = 'auto' | 'full' | 'incremental'

export type JobStatus = 'queued' | 'running' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation'

/** `sync` lists and indexes; `permissions` refreshes access lists; `retry` tries failed documents again; `confirm` carries out a held-back deletion. */
export type JobKind = 'sync' | 'permissions' | 'retry' | 'confirm'

export interface JobParams {
  readonly mode?: SyncMode
  /** Exact source paths; a trailing `/` means the subtree. */
  readonly paths?: readonly string[]
  /** For `confirm`: the job whose deletion was held back. */
  readonly confirms?: string
  /** For `retry`: the job whose failures are tried again; everything that is not indexed as it should be unless told. */
  readonly retries?: string
  /**
   * `source`: the source told that these paths changed; a queued one of the same kind takes them in. Documents at these
   * very paths are read whatever their version says, but for those that a person deleted.
   */
  readonly origin?: 'source'
}

/** Cumulative; when a job ends `listed = indexed + unchanged + skipped + failed`. */
export interface Progress {
  readonly listed: number
  readonly collected: number
  readonly parsed: number
  readonly indexed: number
  readonly unchanged: number
  readonly skipped: number
  readonly failed: number
  readonly deleted: number
  /** Content fetched. */
  readonly bytes: number
  /** Entries expected, when known. */
  readonly total?: number
  /** Chunks that got a vector since the job began, after its end too; where the collection has embeddings. */
  readonly embedded?: number
}

export interface JobError {
  readonly code: string
  readonly message: string
}

export interface Job {
  readonly id: string
  readonly connectorId: string
  readonly kind: JobKind
  readonly params: JobParams
  readonly status: JobStatus
  /** How often it was started; a run that lost its lease is fenced off by it. */
  readonly attempt: number
  readonly progress: Progress
  readonly error?: JobError
  /** Parts of the source that could not be read. */
  readonly unreadable?: readonly UnreadablePart[]
  /** Deletions held back, when `needs_confirmation`. */
  readonly pendingDeletions?: number
  readonly cancelRequested: boolean
  /** Epoch milliseconds: when it was accepted. */
  readonly createdAt: number
  /** When it last began to run. */
  readonly runningSince?: number
  /** Entries that earlier attempts dealt with; none unless told. */
  readonly doneBefore?: number
  readonly completedAt?: number
}

export interface UnreadablePart {
  readonly path: string
  readonly code: string
  readonly message: string
}

/** Thrown by a store when this attempt no longer owns the job; the run stops at once and writes nothing more. */
export class FencedError extends Error {
  override readonly name = 'FencedError'
  readonly code = 'fenced'
}

/** Durable jobs with a lease. One job runs per connector at a time. */
export interface Queue {
  /** Adds a job; a queued one with the same connector, kind and parameters is returned instead. */
  enqueue(job: { readonly connectorId: string; readonly kind: JobKind; readonly params: JobParams }): Promise<Job>
  job(id: string): Promise<Job | undefined>
  /** The oldest queued job whose connector has none running, now `running` with `attempt + 1` under a lease. */
  claim(owner: string, leaseMs: number): Promise<Job | undefined>
  /** Extends the lease; says whether cancel was asked for. @throws FencedError */
  heartbeat(job: RunKey, leaseMs: number): Promise<{ readonly cancelRequested: boolean }>
  /** Ends the job. @throws FencedError */
  finish(job: RunKey, end: JobEnd): Promise<void>
  /** Gives it back to the queue, as at shutdown: the next claim goes on from its checkpoint. */
  release(job: RunKey): Promise<void>
  /** A queued job ends as `cancelled` at once; a running one learns of it at its next heartbeat. */
  requestCancel(jobId: string): Promise<Job | undefined>
  /** Puts jobs whose lease ran out back into the queue. With `owner`, that owner's jobs whatever their lease (a restart of the only host). */
  recover(owner?: string): Promise<number>
}

export interface JobEnd {
  readonly status: Exclude<JobStatus, 'queued' | 'running'>
  readonly error?: JobError
  readonly pendingDeletions?: number
}

/** The job attempt on whose behalf a write happens; a store refuses any other with {@link FencedError}. */
export interface RunKey {
  readonly jobId: string
  readonly connectorId: string
  readonly attempt: number
}

export interface ConnectorRecord {
  readonly id: string
  readonly type: string
  readonly collectionId: string
  readonly config: Readonly<Record<string, Json>>
  readonly tenant?: string
  readonly limits: { readonly maxFileBytes: number }
}

export interface SyncState {
  /** The change feed's cursor. */
  readonly cursor?: Json
  /** The listing that was begun and not finished, with the checkpoint to resume from and what could not be read so far. */
  readonly unfinished?: {
    readonly generation: number
    readonly resume?: Json
    readonly unreadable: readonly UnreadablePart[]
  }
  /** Epoch milliseconds of the last listing that ended by itself. */
  readonly listedAt?: number
  /** Documents of this connector that are not tombstones. */
  readonly documents: number
}

/** What to do with one listed entry. */
export const Verdict = {
  /** Stored, indexed, same version, same fingerprint: nothing to do. */
  unchanged: 0,
  /** New, changed, failed before, or the check is bypassed: read it. */
  read: 1,
  /** Same content, other metadata (renamed, other access list): write the metadata alone. */
  metadata: 2,
  /** This job has dealt with it already (a repeated entry, or a repeat after a crash): not counted again. */
  settled: 3,
  /** Deleted by a person through the API; `auto` leaves it. Counted skipped. */
  tombstone: 4,
  /** Skipped before for a reason that still holds. Counted skipped. */
  skipped: 5,
  /** Crashed the parser twice at this version. Counted failed. */
  quarantined: 6,
} as const
export type Verdict = (typeof Verdict)[keyof typeof Verdict]

/** Columns, not objects: one message between threads for a whole batch. */
export interface DiffBatch {
  /** The listing these belong to; null when they come from a change feed or a retry, where nothing is swept. */
  readonly generation: number | null
  readonly ids: readonly string[]
  readonly paths: readonly string[]
  readonly versions: readonly string[]
  /** Of everything but id, version and ref. */
  readonly fingerprints: readonly number[]
  /** Versions of parser and rendering; a document indexed under another one is read again. */
  readonly pipeline: string
  /** Limits under which a skip still holds. */
  readonly skipPipeline: string
  /** `full` and `incremental`: read whatever is stored; brings tombstones back. */
  readonly bypass: boolean
}

/** A document as the engine hands it to the store. */
export type Outcome =
  | {
      readonly kind: 'indexed'
      readonly entry: Entry
      readonly fingerprint: number
      /** Bytes of content. */
      readonly bytes: number
      /** Hex SHA-256 of the content. */
      readonly contentHash: string
      readonly document: ParsedDocument
    }
  | { readonly kind: 'metadata'; readonly entry: Entry; readonly fingerprint: number }
  | {
      readonly kind: 'failed'
      readonly entry: Entry
      readonly fingerprint: number
      readonly stage: 'list' | 'read' | 'parse' | 'index'
      readonly code: string
      readonly message: string
      readonly retryable: boolean
      /** Epoch milliseconds before which a retry is pointless. */
      readonly nextAttemptAt?: number
      /** Content was fetched before it failed. */
      readonly collected: boolean
      readonly bytes: number
    }
  | {
      readonly kind: 'skipped'
      readonly entry: Entry
      readonly fingerprint: number
      readonly code: string
      readonly message: string
      readonly collected: boolean
      readonly bytes: number
    }
  /** `read` said it is not there. In a listing its mark is withdrawn, so that the sweep decides; else it is deleted. Counted skipped. */
  | { readonly kind: 'gone'; readonly id: string }
  /** A change feed said it is removed. Not counted as listed. */
  | { readonly kind: 'removed'; readonly id: string }

export interface CommitBatch {
  readonly generation: number | null
  readonly pipeline: string
  readonly skipPipeline: string
  readonly outcomes: readonly Outcome[]
  /** Covers only entries whose outcome is in this batch or an earlier one. */
  readonly checkpoint?: { readonly kind: 'resume' | 'cursor'; readonly value: Json }
  /** All parts found unreadable so far in this pass; replaces what is stored. */
  readonly unreadable?: readonly UnreadablePart[]
}

/** What may be swept. */
export interface SweepScope {
  readonly generation: number
  /** Only these paths (a trailing `/` means the subtree); all when absent. */
  readonly paths?: readonly string[]
  /** Nothing at or under these. An empty string or `/` covers everything. */
  readonly unreadable: readonly string[]
}

/** What the store must remember between entries, on behalf of one running job. Every call is one transaction. */
export interface SyncStore {
  connector(connectorId: string): Promise<ConnectorRecord | undefined>
  /** Pins the source's tenant if none is pinned; returns the pinned one. */
  pinTenant(connectorId: string, tenant: string): Promise<string>
  syncState(run: RunKey): Promise<SyncState>
  /** Begins a new listing and returns its number; what an earlier unfinished one had marked no longer counts. */
  beginListing(run: RunKey): Promise<number>
  /**
   * Marks the entries as seen in this generation, adds rows `pending` for new ones, and says what to do with each.
   * Adds to the job's progress: `listed` once an entry and job, and `unchanged`, `skipped`, `failed` for those that end here.
   * Writes nothing to documents that are unchanged.
   */
  diff(run: RunKey, batch: DiffBatch): Promise<Uint8Array>
  /**
   * Writes outcomes, progress and checkpoint together. Replaces only the chunks whose text changed. An error with the code
   * `refused` says that nothing was written because of what an outcome holds.
   */
  commit(run: RunKey, batch: CommitBatch): Promise<void>
  /** How many documents a sweep would delete, of how many there are. */
  sweepPlan(run: RunKey, scope: SweepScope): Promise<{ readonly candidates: number; readonly total: number }>
  /** Deletes up to `limit` documents that the generation did not see, leaving tombstones; returns how many. Call until it returns less than `limit`. */
  sweep(run: RunKey, scope: SweepScope, limit: number): Promise<number>
  /** Counts exact paths that were asked for and neither listed nor stored as `listed` and `skipped`. */
  countMissing(run: RunKey, paths: readonly string[]): Promise<number>
  /** Ends a listing: forgets its marks and checkpoint and, for a whole one, stores the next cursor and the time. `held` keeps the marks for a later `confirm`. */
  endListing(
    run: RunKey,
    end: { readonly generation: number; readonly whole: boolean; readonly cursor?: Json; readonly held?: boolean },
  ): Promise<void>
  /** Forgets the change feed's cursor. */
  dropCursor(run: RunKey): Promise<void>
  /** The generation whose sweep the job held back, if nothing has been listed since. */
  heldGeneration(connectorId: string, jobId: string): Promise<number | undefined>
  /**
   * Stored entries that failed (not quarantined) or were indexed by another pipeline, by keyset, each with the
   * fingerprint that it was listed with. Pending ones are none of them: no more than their name is known, and no cursor
   * or checkpoint has passed them, so that they are listed again.
   */
  stale(
    run: RunKey,
    page: {
      readonly pipeline: string
      readonly after?: string
      readonly limit: number
      /** Only those that failed in this job and still are failed. */
      readonly failedIn?: string
    },
  ): Promise<readonly { readonly entry: Entry; readonly fingerprint: number }[]>
  /** All stored entries, by keyset on id; for permission refreshes. */
  entries(run: RunKey, page: { readonly after?: string; readonly limit: number }): Promise<readonly Entry[]>
  /**
   * Writes access lists; returns how many differed. With `position`, remembers in the same transaction that the entries up
   * to this one are dealt with, and counts them: `listed`, and `indexed` or `unchanged`.
   */
  setAcls(
    run: RunKey,
    acls: readonly { readonly id: string; readonly acl: Acl }[],
    position?: { readonly after: string; readonly entries: number },
  ): Promise<number>
  /** Where an earlier attempt of this job left off, as given to `setAcls`. */
  aclPosition(run: RunKey): Promise<string | undefined>
  /** Groups as the source lists them now. They wait: `finishGroups` puts those of this attempt in the place of all others at once. */
  putGroups(
    run: RunKey,
    groups: readonly { readonly id: string; readonly members: readonly Principal[] }[],
  ): Promise<void>
  /** `keepOthers`: of groups that did not come nothing is known, and they stay as they are. */
  finishGroups(run: RunKey, keepOthers?: boolean): Promise<void>
}

export type { ChildDocument, ParseFailureCode }
