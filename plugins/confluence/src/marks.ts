import { createHash } from 'node:crypto'

/** A set of strings in a cursor: as it is while it is small, as a hash of each part of it otherwise. */
export type Marks = readonly string[] | { readonly parts: readonly string[] }

const mostExact = 200
const parts = 64

export function marksOf(items: Iterable<string>): Marks {
  const all = [...new Set(items)].sort()
  return all.length <= mostExact ? all : { parts: hashes(all) }
}

export interface Difference {
  /** What was not in it. When only hashes are known, with what was there beside it. */
  readonly fresh: readonly string[]
  /** What is no longer in it, where that can be told. */
  readonly left: readonly string[]
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
      blurred: false,
    }
  }
  const after = hashes(now)
  const changed = new Set(after.flatMap((hash, part) => (hash === before.parts[part] ? [] : [part])))
  return { fresh: [...now].filter((item) => changed.has(partOf(item))), left: [], blurred: changed.size > 0 }
}

export function isMarks(value: unknown): value is Marks {
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string')
  const { parts: list } = (value ?? {}) as { parts?: unknown }
  return Array.isArray(list) && list.length === parts && list.every((item) => typeof item === 'string')
}

function isExact(marks: Marks): marks is readonly string[] {
  return Array.isArray(marks)
}

function hashes(items: Iterable<string>): readonly string[] {
  const sums = Array.from({ length: parts }, () => 0)
  for (const item of items) sums[partOf(item)] = (sums[partOf(item)]! + hash48(item)) % 2 ** 48
  return sums.map((sum) => sum.toString(36))
}

function partOf(item: string): number {
  return hash48(`part ${item}`) % parts
}

/** 48 bits of a hash. Sums of them tell sets apart without regard to order. */
export function hash48(text: string): number {
  return createHash('sha1').update(text).digest().readUIntBE(0, 6)
}
