import type { Queue, SyncStore } from '@cx/core/engine'
import type { Store } from '../store.ts'
import { setAcls } from './acl.ts'
import { answerWrites } from './answers.ts'
import { collectionWrites } from './collections.ts'
import { commit } from './commit.ts'
import type { Connection } from './connection.ts'
import { connectorWrites } from './connectors.ts'
import { deliveryWrites } from './deliveries.ts'
import { diff } from './diff.ts'
import { fanOut } from './fan-out.ts'
import { finishGroups, putGroups } from './groups.ts'
import { keyWrites } from './keys.ts'
import { leaseWrites } from './leases.ts'
import { deleteDocument, purgeConnector, purgeTombstones } from './purge.ts'
import { claim, enqueue, finish, heartbeat, recover, release, requestCancel } from './queue.ts'
import { scheduleWrites } from './schedules.ts'
import { secretWrites } from './secrets.ts'
import { beginListing, countMissing, dropCursor, endListing, pinTenant } from './state.ts'
import { SweepPositions, sweep } from './sweep.ts'
import { openControl } from './tables.ts'
import { alignVectors, vectorWrites } from './vectors.ts'
import { webhookWrites } from './webhooks.ts'

/** What runs in the writer thread. */
export type WriterMethods = Omit<Queue, 'job'> &
  Pick<
    SyncStore,
    | 'pinTenant'
    | 'beginListing'
    | 'diff'
    | 'commit'
    | 'sweep'
    | 'countMissing'
    | 'endListing'
    | 'dropCursor'
    | 'setAcls'
    | 'putGroups'
    | 'finishGroups'
  > &
  Pick<
    Store,
    | 'createCollection'
    | 'updateCollection'
    | 'deleteCollection'
    | 'createConnector'
    | 'updateConnector'
    | 'deleteConnector'
    | 'purgeConnector'
    | 'deleteDocument'
    | 'purgeTombstones'
    | 'createApiKey'
    | 'deleteApiKey'
    | 'touchApiKey'
    | 'putSecret'
    | 'replaceSecret'
    | 'deleteSecrets'
    | 'acquireLease'
    | 'releaseLease'
    | 'putTicket'
    | 'takeTicket'
    | 'idempotent'
    | 'rememberAnswer'
    | 'forgetAnswer'
    | 'audit'
    | 'saveVectors'
    | 'refuseVectors'
    | 'createWebhook'
    | 'updateWebhook'
    | 'deleteWebhook'
    | 'putWebhookSecret'
    | 'fanOut'
    | 'addDelivery'
    | 'claimDeliveries'
    | 'settleDelivery'
    | 'replayDelivery'
    | 'purgeDeliveries'
    | 'advanceSchedule'
    | 'putHookSubscription'
    | 'deleteHookSubscription'
  > & {
    /** Answers once the database is open and up to date. */
    ready(): Promise<void>
    /** Closes the connection, which folds the log into the file. */
    close(): Promise<void>
  }

/** The methods of the writer. Ports say what each does; all of a method's work up to its first `await` is one piece. */
export function writerMethods(db: Connection): WriterMethods {
  const control = openControl(db)
  const positions = new SweepPositions()
  alignVectors(db)
  return {
    async ready() {},
    async close() {
      db.raw.pragma('optimize')
      db.close()
    },
    ...collectionWrites(db, control),
    ...connectorWrites(db, control),
    ...keyWrites(control),
    ...secretWrites(db, control),
    ...vectorWrites(db),
    ...leaseWrites(db),
    ...answerWrites(db, control),
    ...webhookWrites(db),
    ...deliveryWrites(db),
    fanOut: async (options) => fanOut(db, options),
    ...scheduleWrites(db),
    enqueue: async (job) => enqueue(db, job),
    claim: async (owner, leaseMs) => claim(db, owner, leaseMs),
    heartbeat: async (run, leaseMs) => heartbeat(db, run, leaseMs),
    finish: async (run, end) => finish(db, run, end),
    release: async (run) => release(db, run),
    requestCancel: async (jobId) => requestCancel(db, jobId),
    recover: async (owner) => recover(db, owner),
    pinTenant: async (connectorId, tenant) => pinTenant(db, connectorId, tenant),
    beginListing: async (run) => beginListing(db, run),
    async diff(run, batch) {
      positions.forget(run.connectorId)
      return diff(db, run, batch)
    },
    async commit(run, batch) {
      positions.forget(run.connectorId)
      commit(db, run, batch)
    },
    sweep: async (run, scope, limit) => sweep(db, positions, run, scope, limit),
    countMissing: async (run, paths) => countMissing(db, run, paths),
    endListing: async (run, end) => endListing(db, run, end),
    dropCursor: async (run) => dropCursor(db, run),
    setAcls: async (run, acls, position) => setAcls(db, run, acls, position),
    putGroups: async (run, groups) => putGroups(db, run, groups),
    finishGroups: async (run, keepOthers) => finishGroups(db, run, keepOthers),
    deleteDocument: async (id) => deleteDocument(db, id),
    purgeConnector: async (id, limit) => purgeConnector(db, id, limit),
    purgeTombstones: async (olderThanMs) => purgeTombstones(db, olderThanMs),
  }
}
