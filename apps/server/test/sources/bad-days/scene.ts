import type { Call, Detour, Refusal } from './detour.ts'

type Values = Readonly<Record<string, unknown>>

/** What happens, and how a sync that meets it must end. */
export interface Trouble {
  /** Brings it about; what comes back puts it right. */
  begin(): () => unknown
  /** `completed` when it is no trouble in the end. */
  readonly ends: 'completed' | 'partial' | 'failed'
  readonly code?: string
  /** What it tells people, in any of its sentences. */
  readonly says?: RegExp
  /** Documents that are rightly gone afterwards; none unless told. */
  readonly gone?: number
  /** A word that is found afterwards. */
  readonly finds?: string
}

export const days = [
  'a revoked token',
  'a missing scope',
  'a container that was renamed',
  'a container that went, or is closed to us',
  'a document that goes between listing and reading',
  'an error 500 on a late page',
  'a cursor that expired',
  'another tenant behind the same address',
] as const

/** A source whose listing has many pages, behind a detour. */
export interface Scene {
  readonly type: string
  readonly config: Values
  readonly credentials: Values
  /** What holds all documents: a listing of it is a listing of everything, without the contents that have not changed. */
  readonly subtree: string
  /** How many documents there are. */
  readonly count: number
  readonly days: Readonly<Record<(typeof days)[number], Trouble>>
  close(): Promise<unknown>
}

/** Refuses each page from the 40th on, unless told. */
export function failLate(detour: Detour, isPage: (call: Call) => boolean, refusal: Refusal, from = 40): () => void {
  let page = 0
  detour.before = (call) => (isPage(call) && ++page >= from ? refusal : undefined)
  return () => calm(detour)
}

/** Refuses one page that is not the first. */
export function refuseOnce(detour: Detour, isLaterPage: (call: Call) => boolean, refusal: Refusal): () => void {
  let done = false
  detour.before = (call) => {
    if (done || !isLaterPage(call)) return undefined
    done = true
    return refusal
  }
  return () => calm(detour)
}

/** Something happens as a certain call is on its way. */
export function justBefore(detour: Detour, isIt: (call: Call) => boolean, happens: () => unknown): () => void {
  detour.before = (call) => {
    if (isIt(call)) happens()
    return undefined
  }
  return () => calm(detour)
}

function calm(detour: Detour): void {
  detour.before = () => undefined
}

/** Changes something for a while. */
export function swap<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): () => void {
  const before = target[key]
  target[key] = value
  return () => {
    target[key] = before
  }
}
