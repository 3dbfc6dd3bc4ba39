import { hash, randomBytes } from 'node:crypto'
import type { Job } from '@cx/core/engine'
import type { ApiKey, Collection, CollectionCounts, Connector, DocumentRecord, Store } from '@cx/store'
import { ApiError, notFound } from './http/errors.ts'
import type { Role } from './http/route.ts'

/** Who makes a request, and what they may do. */
export interface Caller {
  readonly keyId: string
  readonly role: Role
  /** Collection ids; null means all. */
  readonly collections: readonly string[] | null
  readonly scopes: readonly string[]
}

/** Makes a new API key: 256 random bits. */
export function newKey(): string {
  return `cx_${randomBytes(32).toString('base64url')}`
}

/** What the store keeps of a key. Keys are random, so a plain hash is enough, and finding it by hash leaks nothing through time. */
export function hashKey(key: string): string {
  return hash('sha256', key, 'hex')
}

const touchEveryMs = 60_000

/** Checks the `Authorization` header. @throws ApiError `unauthorized` */
export function createAuthenticator(
  store: Store,
  now: () => number = Date.now,
): (header: string | null) => Promise<Caller> {
  return async (header) => {
    const key = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1]
    if (!key) throw new ApiError('unauthorized', 'Send an API key: the header "Authorization: Bearer <api key>".')
    const found = await store.apiKeyByHash(hashKey(key))
    if (!found)
      throw new ApiError('unauthorized', 'This API key is not known here. `cx keys list` shows the keys there are.')
    if (found.expiresAt !== null && found.expiresAt <= now())
      throw new ApiError(
        'unauthorized',
        `This API key expired at ${new Date(found.expiresAt).toISOString()}. Ask an admin for a new one.`,
      )
    if (now() - (found.lastUsedAt ?? 0) > touchEveryMs) await store.touchApiKey(found.id, now())
    return callerOf(found)
  }
}

function callerOf({ id, role, collections, scopes }: ApiKey): Caller {
  return { keyId: id, role, collections, scopes }
}

const ranks: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2 }

/** @throws ApiError `forbidden` */
export function requireRole(caller: Caller, role: Role): void {
  if (ranks[caller.role] < ranks[role])
    throw new ApiError('forbidden', `This needs an API key with the role "${role}"; this one is "${caller.role}".`)
}

/** For what concerns all collections. @throws ApiError `forbidden` */
export function requireAllCollections(caller: Caller): void {
  if (caller.collections !== null)
    throw new ApiError('forbidden', 'This needs an API key that is not limited to certain collections.')
}

/** Looks things up as one caller sees them: what is out of sight is not found. */
export interface Sight {
  collection(caller: Caller, idOrName: string): Promise<Collection & CollectionCounts>
  connector(caller: Caller, id: string): Promise<Connector>
  job(caller: Caller, connectorId: string, jobId: string): Promise<Job>
  document(caller: Caller, connectorId: string, documentId: string): Promise<DocumentRecord>
}

export function createSight(store: Store): Sight {
  const sees = (caller: Caller, collectionId: string) => caller.collections?.includes(collectionId) ?? true
  const connector = async (caller: Caller, id: string) => {
    const found = await store.getConnector(id)
    if (!found || !sees(caller, found.collectionId)) throw notFound('connector', id)
    return found
  }
  return {
    connector,
    collection: async (caller, idOrName) => {
      const found = await store.collection(idOrName)
      if (!found || !sees(caller, found.id)) throw notFound('collection', idOrName)
      return found
    },
    job: async (caller, connectorId, jobId) => {
      await connector(caller, connectorId)
      const found = await store.job(jobId)
      if (found?.connectorId !== connectorId) throw notFound('sync job', jobId)
      return found
    },
    document: async (caller, connectorId, documentId) => {
      await connector(caller, connectorId)
      const found = await store.document(documentId)
      if (found?.connectorId !== connectorId) throw notFound('document', documentId)
      return found
    },
  }
}
