import type { SourceConnector } from '@cx/core'
import type { Job } from '@cx/core/engine'
import type {
  AccessExplanation,
  ApiKey,
  AuditEvent,
  ChunkRecord,
  Collection,
  CollectionCounts,
  Connector,
  DocumentRecord,
  FailedDocument,
  SearchHit,
} from '@cx/store'
import type { EmbeddingProblem } from './embedding/embedder.ts'
import type { OAuthClient } from './oauth/provider.ts'
import { nextRun } from './schedules/cron.ts'

// What the API shows of what the store keeps. Their shapes are in `schemas.ts`.

/** What a schedule that never comes is planned for is beyond every date. */
const latest = 8.64e15

type View = Readonly<Record<string, unknown>>

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function isoOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : iso(ms)
}

export function connectorStatus({
  activated,
  enabled,
  lastError,
}: Connector): 'active' | 'paused' | 'error' | 'inactive' {
  if (!activated) return 'inactive'
  if (!enabled) return 'paused'
  return lastError ? 'error' : 'active'
}

export function viewConnectorSummary(connector: Connector): View {
  const { id, name, type, collectionId, collectionName, lastSync, createdAt } = connector
  return {
    id,
    name,
    type,
    status: connectorStatus(connector),
    collection: collectionId,
    collectionName,
    lastSync: isoOrNull(lastSync?.completedAt),
    lastSyncStatus: lastSync?.status ?? null,
    createdAt: iso(createdAt),
  }
}

export function viewConnector(
  connector: Connector,
  plugin: SourceConnector | undefined,
  { oauthClient, webhook }: { readonly oauthClient: OAuthClient | undefined; readonly webhook: View | null },
): View {
  const { config, enabled, credentials, lastError, schedule, timezone, limits, updatedAt } = connector
  const shown = Object.entries(config).filter(([name]) => !plugin?.config.properties?.[name]?.writeOnly)
  return {
    ...viewConnectorSummary(connector),
    config: Object.fromEntries(shown),
    enabled,
    hasCredentials: credentials !== null,
    credentials,
    oauthClient: oauthClient ? { clientId: oauthClient.clientId } : null,
    webhook,
    lastError: lastError && { code: lastError.code, message: lastError.message, at: iso(lastError.at) },
    schedule,
    timezone,
    nextSyncAt: isoOrNull(nextSyncAt(connector)),
    limits: { maxFileBytes: limits.maxFileBytes },
    updatedAt: iso(updatedAt),
  }
}

function nextSyncAt(connector: Connector): number | null {
  const { id, schedule, timezone, activated, enabled } = connector
  if (schedule === null || !activated || !enabled) return null
  const planned = connector.nextSyncAt ?? nextRun({ id, schedule, timezone }, Date.now())
  return planned === null || planned > latest ? null : planned
}

export function viewStartedJob(job: Job): View {
  return { jobId: job.id, status: job.status, startedAt: iso(job.createdAt) }
}

export function viewJob(job: Job, now: number = Date.now()): View {
  const { id, connectorId, kind, params, status, progress, attempt, error, unreadable, pendingDeletions } = job
  const eta = etaSeconds(job, now)
  return {
    jobId: id,
    connectorId,
    kind,
    mode: kind === 'sync' ? (params.mode ?? 'auto') : null,
    status,
    progress: { ...progress, ...(eta !== undefined && { etaSeconds: eta }) },
    attempt,
    startedAt: iso(job.createdAt),
    ...(job.completedAt !== undefined && { completedAt: iso(job.completedAt) }),
    ...(error && { error: { code: error.code, message: error.message } }),
    ...(unreadable?.length && { unreadable: unreadable.map(({ path, code, message }) => ({ path, code, message })) }),
    ...(pendingDeletions !== undefined && { pendingDeletions }),
  }
}

/** From the pace of this attempt; only while it runs and the total is known. */
function etaSeconds({ status, progress, runningSince, doneBefore = 0 }: Job, now: number): number | undefined {
  const { total, indexed, unchanged, skipped, failed } = progress
  const done = indexed + unchanged + skipped + failed
  if (status !== 'running' || total === undefined || runningSince === undefined || done <= doneBefore) return undefined
  return Math.max(0, Math.ceil(((total - done) * (now - runningSince)) / (done - doneBefore) / 1000))
}

function viewError(error: DocumentRecord['error']): View | null {
  if (!error) return null
  const { stage, code, message, attempts, nextAttemptAt } = error
  return { stage, code, message, attempts, nextAttemptAt: isoOrNull(nextAttemptAt) }
}

export function viewDocument(document: DocumentRecord): View {
  const { entry, own } = document
  return {
    id: document.id,
    connectorId: document.connectorId,
    collection: document.collectionId,
    sourceId: entry.id,
    path: entry.path,
    title: document.title ?? entry.title ?? null,
    url: entry.url ?? null,
    author: entry.author ?? own.author ?? null,
    status: document.status,
    error: viewError(document.error),
    version: entry.version,
    contentType: document.mimeType ?? entry.mimeType ?? null,
    size: document.bytes ?? entry.size ?? null,
    language: document.language,
    pages: document.pages,
    chunks: document.chunks,
    contentHash: document.contentHash,
    parentId: document.parentId,
    metadata: { ...own.metadata, ...entry.metadata },
    sourceCreatedAt: entry.createdAt ?? null,
    sourceUpdatedAt: entry.updatedAt ?? null,
    createdAt: iso(document.createdAt),
    updatedAt: iso(document.updatedAt),
    indexedAt: isoOrNull(document.indexedAt),
    deletedAt: isoOrNull(document.deletedAt),
  }
}

export function viewFailure({ id, entry, error, retryable }: FailedDocument): View {
  const { stage, code, message, attempts, nextAttemptAt } = error ?? {
    stage: 'index',
    code: 'unknown',
    message: '',
    attempts: 0,
    nextAttemptAt: null,
  }
  return {
    documentId: id,
    path: entry.path,
    stage,
    code,
    message,
    retryable,
    attempts,
    nextAttemptAt: isoOrNull(nextAttemptAt),
  }
}

export function viewChunk({ id, position, text, headings, page }: ChunkRecord): View {
  return { id, position, text, headings, page }
}

export function viewCollection(
  {
    id,
    name,
    description,
    embedding,
    connectors,
    documents,
    chunks,
    embedded,
    createdAt,
    updatedAt,
  }: Collection & CollectionCounts,
  problem?: EmbeddingProblem,
): View {
  return {
    id,
    name,
    description,
    embedding,
    counts: { connectors, documents, chunks, embedded },
    ...(problem && { embeddingError: { ...problem, at: iso(problem.at) } }),
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  }
}

export function viewHit({
  documentId,
  chunkId,
  title,
  url,
  path,
  snippet,
  score,
  connectorId,
  collectionId,
  position,
  updatedAt,
}: SearchHit): View {
  return {
    documentId,
    chunkId,
    title,
    url,
    path,
    snippet,
    score,
    connector: connectorId,
    collection: collectionId,
    position,
    updatedAt,
  }
}

export function viewApiKey({
  id,
  name,
  role,
  collections,
  scopes,
  hint,
  createdAt,
  expiresAt,
  lastUsedAt,
}: ApiKey): View {
  return {
    id,
    name,
    role,
    collections,
    scopes,
    hint,
    createdAt: iso(createdAt),
    expiresAt: isoOrNull(expiresAt),
    lastUsedAt: isoOrNull(lastUsedAt),
  }
}

export function viewAudit({ at, actor, action, target, details }: AuditEvent): View {
  return { at: iso(at), actor, action, target, details }
}

export function viewAccess({ allowed, acl, principals, matches, denied }: AccessExplanation): View {
  const named = (found: (typeof matches)[number]) =>
    found ? ('id' in found ? `${found.type} ${found.id}` : found.type) : ''
  const missing = matches.some((match) => match === null)
  const message = !acl
    ? 'Not allowed: the access list of this document is not known, so nobody may read it.'
    : denied
      ? `Not allowed: denied to ${named(denied)}.`
      : allowed
        ? `Allowed through ${matches.map(named).join(' and ')}.`
        : missing
          ? 'Not allowed: the person is in none of the groups of at least one restriction.'
          : 'Not allowed.'
  return { allowed, message, principals, matches, denied }
}
