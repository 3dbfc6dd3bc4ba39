import type { SyncStore } from '@cx/core/engine'
import type { Store } from '../store.ts'
import { explainAccess } from './access.ts'
import { aclPosition } from './acl.ts'
import { auditLog } from './answers.ts'
import { collection, collectionIds, collections } from './collections.ts'
import type { Connection } from './connection.ts'
import { connectors, getConnector } from './connectors.ts'
import { deliveryReads } from './deliveries.ts'
import { chunks, document, documentByPath, documents } from './documents-read.ts'
import { anyQueued, failures, jobBy, jobEvents, jobs } from './jobs.ts'
import { apiKeyByHash, apiKeys } from './keys.ts'
import { load } from './load.ts'
import { unpurged } from './purge.ts'
import { scheduleReads } from './schedules.ts'
import { Search } from './search.ts'
import { secret, secrets } from './secrets.ts'
import { connectorRecord, entries, heldGeneration, stale, syncState } from './state.ts'
import { sweepPlan } from './sweep.ts'
import { embeddingStates, embeddingTasks } from './vector-queue.ts'
import { webhookReads } from './webhooks.ts'

/** Point reads and short lists: microseconds, so they run where they are asked for. */
export type LocalMethods = Pick<SyncStore, 'connector' | 'syncState' | 'heldGeneration' | 'aclPosition'> &
  Pick<
    Store,
    | 'collections'
    | 'collection'
    | 'collectionIds'
    | 'connectors'
    | 'getConnector'
    | 'unpurged'
    | 'job'
    | 'jobs'
    | 'anyQueued'
    | 'jobEvents'
    | 'document'
    | 'documentByPath'
    | 'apiKeyByHash'
    | 'apiKeys'
    | 'secret'
    | 'secrets'
    | 'auditLog'
    | 'chunks'
    | 'load'
    | 'ping'
    | 'webhooks'
    | 'webhook'
    | 'webhookSecret'
    | 'webhookSecrets'
    | 'webhookWork'
    | 'deliveries'
    | 'dueSchedules'
    | 'hookSubscription'
  >

/** What may take more than some milliseconds: runs in a reader thread. */
export type ReaderMethods = Pick<SyncStore, 'sweepPlan' | 'stale' | 'entries'> &
  Pick<Store, 'documents' | 'failures' | 'search' | 'explainAccess' | 'embeddingStates' | 'embeddingTasks'> & {
    backup(file: string): Promise<void>
    ready(): Promise<void>
    close(): Promise<void>
  }

export function localMethods(db: Connection): LocalMethods {
  return {
    connector: async (id) => connectorRecord(db, id),
    syncState: async (run) => syncState(db, run),
    aclPosition: async (run) => aclPosition(db, run),
    heldGeneration: async (connectorId, jobId) => heldGeneration(db, connectorId, jobId),
    collections: async (page) => collections(db, page),
    collection: async (idOrName) => collection(db, idOrName),
    collectionIds: (async (idsOrNames?: readonly string[]) =>
      idsOrNames === undefined ? collectionIds(db) : collectionIds(db, idsOrNames)) as Store['collectionIds'],
    connectors: async (page) => connectors(db, page),
    getConnector: async (id) => getConnector(db, id),
    unpurged: async () => unpurged(db),
    job: async (id) => jobBy(db, 'id', id),
    jobs: async (page) => jobs(db, page),
    anyQueued: async () => anyQueued(db),
    jobEvents: async (jobId, after, limit) => jobEvents(db, jobId, after, limit),
    document: async (id) => document(db, id),
    documentByPath: async (connectorId, path) => documentByPath(db, connectorId, path),
    apiKeyByHash: async (hash) => apiKeyByHash(db, hash),
    apiKeys: async (page) => apiKeys(db, page),
    secret: async (connectorId, name) => secret(db, connectorId, name),
    secrets: async (page) => secrets(db, page),
    auditLog: async (page) => auditLog(db, page),
    chunks: async (documentId, page) => chunks(db, documentId, page),
    load: async () => load(db),
    async ping() {
      db.get('SELECT 1')
    },
    ...webhookReads(db),
    ...deliveryReads(db),
    ...scheduleReads(db),
  }
}

export function readerMethods(db: Connection): ReaderMethods {
  const search = new Search(db)
  return {
    async ready() {},
    sweepPlan: async (run, scope) => sweepPlan(db, run, scope),
    stale: async (run, page) => stale(db, run, page),
    entries: async (run, page) => entries(db, run, page),
    documents: async (filter, page) => documents(db, filter, page),
    failures: async (jobId, page) => failures(db, jobId, page),
    embeddingStates: async () => embeddingStates(db),
    embeddingTasks: async (collectionId, limit) => embeddingTasks(db, collectionId, limit),
    search: async (request) => search.search(request),
    explainAccess: async (documentId, principal) => explainAccess(db, documentId, principal),
    async backup(file) {
      // One read transaction: a copy of one moment, however much is written meanwhile.
      db.run('VACUUM INTO ?', file)
    },
    async close() {
      db.close()
    },
  }
}
