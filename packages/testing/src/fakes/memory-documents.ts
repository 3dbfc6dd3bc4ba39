import type { Acl, Entry, Principal } from '@cx/core'
import { type DiffBatch, type ParsedDocument, type SweepScope, Verdict } from '@cx/core/engine'

/** What the memory store knows of one document. */
export interface StoredDocument {
  entry: Entry
  fingerprint: number
  status: 'pending' | 'indexed' | 'failed' | 'skipped' | 'deleted'
  /** Of an indexed document the pipeline, of a skipped one the limits under which it was skipped. */
  pipeline?: string
  /** What was indexed last; it stays when a later version fails. */
  document?: ParsedDocument
  contentHash?: string
  error?: { readonly stage: string; readonly code: string; readonly message: string }
  /** A document that a person deleted stays deleted; what a sweep deleted comes back when it is listed. */
  deletedBy?: 'person' | 'sweep'
  /** The listing that saw it last. */
  generation: number
  /** The job that saw it last, and whether that job is done with it. */
  seenBy?: string
  settled: boolean
  /** `read` said that it is not there. */
  gone?: boolean
}

export interface StoredConnector {
  readonly documents: Map<string, StoredDocument>
  generation: number
  groups: Map<string, readonly Principal[]>
  /** As they come in; they replace `groups` when all are there. */
  newGroups: { readonly attempt: string; readonly members: Map<string, readonly Principal[]> } | undefined
}

/** The verdict on one listed entry that this job has not dealt with yet. */
export function judge(
  stored: StoredDocument,
  entry: { readonly version: string; readonly fingerprint: number; readonly namedBy: 'person' | 'source' | undefined },
  batch: DiffBatch,
): Verdict {
  const sameVersion = stored.entry.version === entry.version
  const sameFingerprint = stored.fingerprint === entry.fingerprint
  if (stored.status === 'deleted')
    return stored.deletedBy === 'person' && !batch.bypass && entry.namedBy !== 'person'
      ? Verdict.tombstone
      : Verdict.read
  if (batch.bypass) return Verdict.read
  if (stored.status === 'failed' && stored.error?.code === 'quarantined' && sameVersion) return Verdict.quarantined
  if (!sameVersion || entry.namedBy === 'source' || stored.status === 'failed' || stored.status === 'pending')
    return Verdict.read
  if (stored.status === 'skipped')
    return sameFingerprint && stored.pipeline === batch.skipPipeline ? Verdict.skipped : Verdict.read
  if (stored.pipeline !== batch.pipeline) return Verdict.read
  return sameFingerprint ? Verdict.unchanged : Verdict.metadata
}

/** What a sweep would delete. */
export function candidates(connector: StoredConnector, scope: SweepScope): StoredDocument[] {
  return [...connector.documents.values()].filter(
    (document) =>
      document.status !== 'deleted' &&
      document.generation !== scope.generation &&
      (scope.paths === undefined || scope.paths.some((path) => covers(path, document.entry.path))) &&
      !scope.unreadable.some((part) => under(part, document.entry.path)),
  )
}

/** Whether it is to be read without being listed again. */
export function isStale(
  { status, error, pipeline, seenBy }: StoredDocument,
  wanted: { readonly pipeline: string; readonly failedIn?: string },
  jobId: string,
): boolean {
  const failed = status === 'failed' && error?.code !== 'quarantined'
  if (wanted.failedIn !== undefined) return failed && (seenBy === wanted.failedIn || seenBy === jobId)
  return failed || (status === 'indexed' && pipeline !== wanted.pipeline)
}

/** One page of them, by source id. */
export function pageOf(
  documents: Iterable<StoredDocument>,
  { after = '', limit }: { readonly after?: string; readonly limit: number },
  wanted: (document: StoredDocument) => boolean,
): StoredDocument[] {
  return [...documents]
    .filter((document) => document.entry.id > after && wanted(document))
    .sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1))
    .slice(0, limit)
}

export function live(connector: StoredConnector): StoredDocument[] {
  return [...connector.documents.values()].filter((document) => document.status !== 'deleted')
}

/** A tombstone keeps the entry, so that a sweep or a person can be told apart later. */
export function bury(document: StoredDocument, by: 'person' | 'sweep'): void {
  document.status = 'deleted'
  document.deletedBy = by
  delete document.document
  delete document.contentHash
  delete document.error
}

export function withAcl(entry: Entry, acl: Acl | undefined): Entry {
  return acl === undefined ? entry : { ...entry, acl }
}

/** An exact path, or a subtree when it ends in `/`. */
function covers(asked: string, path: string): boolean {
  return asked.endsWith('/') ? path.startsWith(asked) : path === asked
}

/** At or under an unreadable part. */
function under(part: string, path: string): boolean {
  return part === '' || part === '/' || path === part || path.startsWith(part.endsWith('/') ? part : `${part}/`)
}
