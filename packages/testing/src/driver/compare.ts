import type { Entry } from '@cx/core'
import { few, must, show } from '../law.ts'

/** Key order and absent values do not count; everything else does. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([, member]) => member !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  )
}

/** What the index keeps of an entry: all but what only `read` needs. */
export function face({ ref: _, ...entry }: Entry): string {
  return canonical(entry)
}

export function byId(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

/** @throws LawBroken unless both hold the same entries, whatever their order */
export function mustBeSame(
  seen: ReadonlyMap<string, Entry>,
  expected: ReadonlyMap<string, Entry>,
  where: string,
): void {
  const missing = [...expected.values()].filter((entry) => !seen.has(entry.id)).map((entry) => entry.path)
  must(
    missing.length === 0,
    () => `${where}: ${missing.length} of ${expected.size} entries are missing: ${few(missing)}`,
  )
  const extra = [...seen.values()].filter((entry) => !expected.has(entry.id)).map((entry) => entry.path)
  must(extra.length === 0, () => `${where}: ${extra.length} entries should not be there: ${few(extra)}`)
  for (const [id, entry] of expected)
    must(
      face(seen.get(id)!) === face(entry),
      () => `${where}: ${show(seen.get(id), 400)} differs from ${show(entry, 400)}`,
    )
}

/** The one entry at this path. @throws LawBroken */
export function at(entries: readonly Entry[], path: string): Entry {
  const found = entries.filter((entry) => entry.path === path)
  must(
    found.length > 0,
    () => `nothing is listed at ${JSON.stringify(path)}; there is ${few(entries.map((e) => e.path))}`,
  )
  must(found.length === 1, `${found.length} entries are listed at ${JSON.stringify(path)}`)
  return found[0]!
}
