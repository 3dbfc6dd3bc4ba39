import { createHash } from 'node:crypto'

/** A set of strings in a cursor: as it is while it is small, as a sum of hashes of each part of it otherwise. */
export type Marks = readonly string[] | { readonly parts: readonly string[]; readonly counts: readonly number[] }

const mostExact = 200
const parts = 64

export function marksOf(items: Iterable<string>): Marks {
  const all = [...new Set(items)].sort()
  return all.length <= mostExact ? all : sumsOf(all)
}

export interface Difference {
  /** What was not in it. When only hashes are known, with what was there beside it. */
  readonly fresh: readonly string[]
  /** What is no longer in it, where that can be told. */
  readonly left: readonly string[]
  /** Something has left for certain, and what it was cannot be told. */
  readonly lost: boolean
  /** Something may have left, and what it was cannot be told. */
  readonly blurred: boolean
}

export function difference(before: Marks, items: Iterable<string>): Difference {
  const now = new Set(items)
  if (isExact(before)) {
    const then = new Set(before)
    return {
      fresh: [...now].filter((item) => !then.has(item)),
      left: before.filter((item) => !now.has(item)),
      lost: false,
      blurred: false,
    }
  }
  const after = sumsOf(now)
  const changed = new Map<number, string[]>()
  for (const [part, sum] of after.parts.entries()) if (sum !== before.parts[part]) changed.set(part, [])
  for (const item of now) changed.get(partOf(item))?.push(item)
  let lost = false
  for (const [part, items] of changed) {
    const more = after.counts[part]! - before.counts[part]!
    const came = more === 1 ? items.find((item) => before.parts[part] === without(after.parts[part]!, item)) : undefined
    if (came !== undefined) changed.set(part, [came])
    else if (more <= 1) lost = true
  }
  return { fresh: [...changed.values()].flat(), left: [], lost, blurred: changed.size > 0 }
}

function without(sum: string, item: string): string {
  return ((Number.parseInt(sum, 36) - hash48(item) + 2 ** 48) % 2 ** 48).toString(36)
}

export function isMarks(value: unknown): value is Marks {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string')
  const { parts: list, counts } = (value ?? {}) as { parts?: unknown; counts?: unknown }
  const isWhole = (all: unknown, type: string) =>
    Array.isArray(all) && all.length === parts && all.every((item) => typeof item === type)
  return isWhole(list, 'string') && isWhole(counts, 'number')
}

function isExact(marks: Marks): marks is readonly string[] {
  return Array.isArray(marks)
}

function sumsOf(items: Iterable<string>): { readonly parts: readonly string[]; readonly counts: readonly number[] } {
  const sums = Array.from({ length: parts }, () => 0)
  const counts = Array.from({ length: parts }, () => 0)
  for (const item of items) {
    const part = partOf(item)
    sums[part] = (sums[part]! + hash48(item)) % 2 ** 48
    counts[part]!++
  }
  return { parts: sums.map((sum) => sum.toString(36)), counts }
}

function partOf(item: string): number {
  return hash48(`part ${item}`) % parts
}

/** 48 bits of a hash. Sums of them tell sets apart without regard to order. */
export function hash48(text: string): number {
  return createHash('sha1').update(text).digest().readUIntBE(0, 6)
}
