import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, isConnectorError, type Json } from '@cx/core'
import type { Store } from './store.ts'

/** Credentials as a person or a provider gave them, told apart by `method`. */
export type StoredCredentials = Readonly<Record<string, Json>>

/** `due`: still good, but not for long. `expired`: of no use as they are. */
export type Freshness = 'fresh' | 'due' | 'expired'

/** Renews credentials that expire, such as OAuth tokens. It knows the protocol; the vault knows where they are kept. */
export interface Refresher {
  /** `refused`: the source did not take the last ones that were read. */
  freshness(credentials: StoredCredentials, options: { readonly refused: boolean }): Freshness
  /** Called by one process at a time per connector; must end within 25 seconds. What it returns is stored before it is used. */
  refresh(connectorId: string, credentials: StoredCredentials): Promise<StoredCredentials>
  /** The part of them that a connector gets. */
  present(credentials: StoredCredentials): StoredCredentials
}

/** Credentials with the row they came from. */
export interface Held {
  readonly credentials: StoredCredentials
  readonly ciphertext: Uint8Array
}

interface FreshenOptions {
  readonly store: Pick<Store, 'acquireLease' | 'releaseLease'>
  readonly refresher: Refresher
  readonly read: (connectorId: string) => Promise<Held | undefined>
  /** Compare and swap; says whether it did. */
  readonly replace: (connectorId: string, next: StoredCredentials, held: Held) => Promise<boolean>
}

/** Longer than any refresh takes; what a process that died leaves behind ends by itself after it. */
const leaseMs = 30_000
const pollMs = 50
/** After a failed refresh of credentials that are still good. */
const pauseMs = 10_000

/**
 * Reads credentials, fresh. Whoever asks while they are being renewed, in this process or another one, gets the result
 * of that one renewal: a rotated refresh token that is used twice locks everyone out.
 */
export function createFreshener({
  store,
  refresher,
  read,
  replace,
}: FreshenOptions): (connectorId: string, refused: boolean) => Promise<StoredCredentials | undefined> {
  const owner = randomUUID()
  const running = new Map<string, Promise<StoredCredentials | undefined>>()
  const pausedUntil = new Map<string, number>()

  const keep = async (connectorId: string, next: StoredCredentials, from: Held) => {
    for (let held = from; ; ) {
      if (await replace(connectorId, next, held)) return next
      const now = await read(connectorId)
      // Deleted, or given anew by a person: theirs count. The same in a new row: the encryption key was changed.
      if (now === undefined || !same(now, from)) return now?.credentials
      held = now
    }
  }

  const renew = async (connectorId: string, seen: Held, due: boolean): Promise<StoredCredentials | undefined> => {
    const name = `refresh/${connectorId}`
    const deadline = Date.now() + leaseMs + 5_000
    while (!(await store.acquireLease(name, owner, leaseMs))) {
      if (due) return seen.credentials
      if (Date.now() > deadline)
        throw new ConnectorError(
          'unavailable',
          'Another process is renewing the access to the source and does not end.',
        )
      await sleep(pollMs)
      const now = await read(connectorId)
      if (now === undefined || isRenewed(now, seen)) return now?.credentials
    }
    try {
      const held = await read(connectorId)
      if (held === undefined || isRenewed(held, seen)) return held?.credentials
      try {
        return await keep(connectorId, await refresher.refresh(connectorId, held.credentials), held)
      } catch (error) {
        if (!due || (isConnectorError(error) && error.code === 'unauthenticated')) throw error
        pausedUntil.set(connectorId, Date.now() + pauseMs)
        return held.credentials
      }
    } finally {
      await store.releaseLease(name, owner)
    }
  }

  const isRenewed = (now: Held, seen: Held) =>
    !same(now, seen) && refresher.freshness(now.credentials, { refused: false }) !== 'expired'

  return async (connectorId, refused) => {
    const seen = await read(connectorId)
    if (seen === undefined) return undefined
    const freshness = refresher.freshness(seen.credentials, { refused })
    if (freshness === 'fresh') return seen.credentials
    const due = freshness === 'due'
    if (due && Date.now() < (pausedUntil.get(connectorId) ?? 0)) return seen.credentials
    const begun = running.get(connectorId)
    if (begun !== undefined) return begun
    pausedUntil.delete(connectorId)
    const renewal = renew(connectorId, seen, due).finally(() => running.delete(connectorId))
    running.set(connectorId, renewal)
    return renewal
  }
}

function same(a: Held, b: Held): boolean {
  return JSON.stringify(a.credentials) === JSON.stringify(b.credentials)
}
