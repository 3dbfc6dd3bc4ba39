import type { Json } from '../contract/schema.ts'
import { describe } from './failure.ts'

const mask = '***'

/** Replaces every known secret in what leaves the run: messages, entries, checkpoints, log fields. */
export class Redactor {
  #secrets: string[] = []

  /** Takes note of every string in `values` that is long enough to be a secret. */
  learn(values: unknown): void {
    const found = new Set(this.#secrets)
    collect(values, found)
    // Longest first, so that a secret inside another leaves no tail.
    this.#secrets = [...found].sort((a, b) => b.length - a.length)
  }

  text(text: string): string {
    let clean = text
    for (const secret of this.#secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, mask)
    return clean
  }

  /** The same value when nothing had to be masked. */
  value<T>(value: T): T {
    if (this.#secrets.length === 0) return value
    const text = JSON.stringify(value)
    if (text === undefined || !this.#secrets.some((secret) => text.includes(JSON.stringify(secret).slice(1, -1))))
      return value
    return mapStrings(value as Json, (string) => this.text(string)) as T
  }

  /** Log fields: a connector may put anything into them. */
  fields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return this.value(plain(fields))
  }
}

/** What JSON makes of log fields, errors and loops included. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, Json> {
  const seen = new WeakSet()
  const text = JSON.stringify(fields, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return '[seen above]'
    seen.add(value)
    if (!(value instanceof Error)) return value
    return { name: value.name, message: describe(value), code: (value as { code?: unknown }).code, stack: value.stack }
  })
  return JSON.parse(text) as Record<string, Json>
}

/** Short strings ("eu", "admin", a port) would mask ordinary words everywhere. */
const shortestSecret = 6

function collect(value: unknown, found: Set<string>): void {
  if (typeof value === 'string') {
    if (value.length < shortestSecret) return
    found.add(value)
    const encoded = encodeURIComponent(value)
    if (encoded !== value) found.add(encoded)
  } else if (value && typeof value === 'object') for (const child of Object.values(value)) collect(child, found)
}

function mapStrings(value: Json, map: (text: string) => string): Json {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, map))
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [map(key), mapStrings(item as Json, map)]))
  return value
}
