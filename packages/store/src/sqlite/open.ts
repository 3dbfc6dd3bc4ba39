import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import type { Log } from '@cx/core'
import { FencedError } from '@cx/core/engine'
import type { Store } from '../store.ts'
import { Connection } from './connection.ts'
import { contentPiece } from './documents-read.ts'
import { storeError } from './errors.ts'
import { localMethods, type ReaderMethods } from './reads.ts'
import { Calls, Thread } from './thread.ts'
import type { WriterMethods } from './writer.ts'

const graceMs = 1_000

export interface SqliteStoreOptions {
  /** The database; made, with its folder, when it is not there. */
  readonly file: string
  /** Threads for searches and long lists; 1 unless told. */
  readonly readers?: number
  readonly log?: Log
}

const writes = [
  'enqueue',
  'claim',
  'heartbeat',
  'finish',
  'release',
  'requestCancel',
  'recover',
  'pinTenant',
  'diff',
  'commit',
  'sweep',
  'countMissing',
  'endListing',
  'dropCursor',
  'setAcls',
  'putGroups',
  'finishGroups',
  'createCollection',
  'updateCollection',
  'deleteCollection',
  'createConnector',
  'updateConnector',
  'deleteConnector',
  'purgeConnector',
  'deleteDocument',
  'purgeTombstones',
  'createApiKey',
  'deleteApiKey',
  'touchApiKey',
  'putSecret',
  'replaceSecret',
  'deleteSecrets',
  'acquireLease',
  'releaseLease',
  'putTicket',
  'takeTicket',
  'idempotent',
  'rememberAnswer',
  'forgetAnswer',
  'audit',
  'saveVectors',
  'refuseVectors',
  'createWebhook',
  'updateWebhook',
  'deleteWebhook',
  'putWebhookSecret',
  'fanOut',
  'addDelivery',
  'claimDeliveries',
  'settleDelivery',
  'replayDelivery',
  'purgeDeliveries',
  'advanceSchedule',
  'putHookSubscription',
  'deleteHookSubscription',
] as const satisfies readonly Exclude<keyof WriterMethods, 'ready' | 'close' | 'beginListing'>[]

const longReads = [
  'sweepPlan',
  'stale',
  'entries',
  'documents',
  'failures',
  'search',
  'embeddingStates',
  'embeddingTasks',
  'explainAccess',
] as const satisfies readonly Exclude<keyof ReaderMethods, 'ready' | 'backup' | 'close'>[]

/** Each named method as a call to a thread. */
function forward<M extends object, K extends keyof M & string>(
  names: readonly K[],
  thread: Calls<M> | (() => Calls<M>),
): Pick<M, K> {
  const call =
    (name: K) =>
    async (...args: readonly unknown[]): Promise<unknown> => {
      const to = thread instanceof Calls ? thread : thread()
      return (to.call as (name: K, ...args: readonly unknown[]) => unknown).call(to, name, ...args)
    }
  return Object.fromEntries(names.map((name) => [name, call(name)])) as unknown as Pick<M, K>
}

/** The embedded store of the thread that opened it, which others can join. */
export interface SqliteStore extends Store {
  /** What another thread of this process joins with; hand it over as a transfer (`writer`). Once for each thread. */
  share(): SharedStore
}

/** What {@link joinSqliteStore} takes. */
export interface SharedStore {
  readonly file: string
  readonly writer: MessagePort
}

/**
 * Opens the embedded store and brings its schema up to date. All writes happen in one writer thread, searches and long
 * lists in reader threads, short reads in the calling thread.
 *
 * @throws Error when the database was written by a newer cx, or cannot be opened.
 */
export async function openSqliteStore({ file, readers = 1, log }: SqliteStoreOptions): Promise<SqliteStore> {
  const path = resolve(file)
  mkdirSync(dirname(path), { recursive: true })
  const started = performance.now()
  const writer = new Thread<WriterMethods>({ role: 'writer', file: path })
  try {
    await writer.call('ready')
  } catch (error) {
    await writer.terminate()
    throw error
  }
  log?.debug('store opened', { file: path, ms: Math.round(performance.now() - started) })
  return {
    ...createStore(path, readers, writer, async () => {
      await writer.call('close')
      await writer.terminate()
    }),
    share: () => ({ file: path, writer: writer.share() }),
  }
}

/** The store that another thread of this process has open: with its writer, and reads of this thread's own. */
export async function joinSqliteStore({ file, writer }: SharedStore): Promise<Store> {
  const calls = new Calls<WriterMethods>(writer)
  await calls.call('ready')
  return createStore(file, 1, calls, async () => writer.close())
}

function createStore(path: string, size: number, writer: Calls<WriterMethods>, leave: () => Promise<void>): Store {
  // Started when first needed: an idle thread is 15 MB.
  const pool: Thread<ReaderMethods>[] = []
  const db = new Connection({ file: path, readonly: true, cacheMb: 8 })
  let turn = 0
  let closed: Promise<void> | undefined
  const reader = (): Thread<ReaderMethods> => {
    if (closed !== undefined) throw storeError('closed', 'The store is closed.')
    const next = turn++ % Math.max(1, size)
    pool[next] ??= new Thread<ReaderMethods>({ role: 'reader', file: path })
    return pool[next]
  }
  return {
    ...forward<WriterMethods, (typeof writes)[number]>(writes, writer),
    ...forward<ReaderMethods, (typeof longReads)[number]>(longReads, reader),
    async beginListing(run) {
      // Its end will ask a reader what is to be swept: one starts while the source lists.
      void reader()
        .call('ready')
        .catch(() => {})
      return writer.call('beginListing', run)
    },
    ...asEngineErrors(localMethods(db)),
    async ping() {
      // Reads would go on without the thread that writes.
      if (writer.failure !== undefined) throw writer.failure
      db.get('SELECT 1')
    },
    async *content(documentId) {
      for (let position: number | undefined = 0; position !== undefined; ) {
        const piece = contentPiece(db, documentId, position)
        if (piece.text !== '') yield piece.text
        position = piece.next
      }
    },
    async backup(target) {
      // A thread of its own: a large copy takes a while, and searches go on.
      const thread = new Thread<ReaderMethods>({ role: 'reader', file: path })
      try {
        mkdirSync(dirname(resolve(target)), { recursive: true })
        await thread.call('backup', resolve(target))
      } finally {
        await end(thread)
      }
    },
    close() {
      closed ??= (async () => {
        await Promise.all(pool.map(end))
        db.close()
        await leave()
      })()
      return closed
    },
  }
}

/**
 * It closes its connection itself: a thread that is ended within native code may take the process with it. Whoever
 * searches for longer than this is cut off all the same.
 */
async function end(thread: Thread<ReaderMethods>): Promise<void> {
  await Promise.race([thread.call('close').catch(() => {}), sleep(graceMs, undefined, { ref: false })])
  await thread.terminate()
}

/** Local reads meet the same fence as writes, and throw the same class. */
function asEngineErrors<M extends object>(methods: M): M {
  const wrapped = Object.entries(methods).map(([name, work]) => [
    name,
    async (...args: readonly unknown[]): Promise<unknown> => {
      try {
        return await (work as (...args: readonly unknown[]) => Promise<unknown>)(...args)
      } catch (error) {
        if ((error as Error).name === 'FencedError') throw new FencedError((error as Error).message)
        throw error
      }
    },
  ])
  return Object.fromEntries(wrapped) as M
}
