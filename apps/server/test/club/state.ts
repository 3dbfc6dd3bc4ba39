import type { Acl, Json, Principal } from '@cx/core'

export interface Member {
  readonly id: string
  readonly path: string
  readonly version: string
  readonly text: string
  readonly acl?: Acl
}

/** What the source holds, and what was asked of it. */
export interface Club {
  readonly name: string
  readonly entries: Map<string, Member>
  groups: Record<string, readonly Principal[]>
  readonly reads: string[]
  /** What cannot be read, and why. */
  readonly broken: Map<string, 'forbidden' | 'unprocessable'>
  readonly aclPages: (readonly string[])[]
  groupReads: number
  beforeAcls: ((signal: AbortSignal) => Promise<void>) | undefined
  readonly subscriptions: { kind: string; url: string; secret: string; handle?: Json }[]
  subscribed: () => { handle: Json; expiresAt?: number }
}

const holder = globalThis as { cxClub?: Club }

/** The one of this process: the plugin and the test may have imported this module twice. */
export function club(): Club {
  holder.cxClub ??= {
    name: 'the club',
    entries: new Map(),
    groups: {},
    reads: [],
    broken: new Map(),
    aclPages: [],
    groupReads: 0,
    beforeAcls: undefined,
    subscriptions: [],
    subscribed: () => ({ handle: 'first' }),
  }
  return holder.cxClub
}

/** Forgets everything. */
export function newClub(entries: readonly (Omit<Member, 'version'> & { readonly version?: string })[] = []): Club {
  delete holder.cxClub
  const state = club()
  for (const entry of entries) state.entries.set(entry.id, { version: '1', ...entry })
  return state
}
