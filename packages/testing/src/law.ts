import type { Bench } from './driver/bench.ts'

export type LawGroup =
  | 'declaration'
  | 'config'
  | 'check'
  | 'list'
  | 'version'
  | 'complete'
  | 'resume'
  | 'edits'
  | 'changes'
  | 'permissions'
  | 'limits'
  | 'budget'
  | 'resources'
  | 'secrets'
  | 'webhook'
  | 'errors'
  | 'write'
  | 'browse'

/** One thing that every connector must keep. */
export interface Law {
  /** `group.what`, stable: waivers name it. */
  readonly id: string
  readonly group: LawGroup
  /** One sentence: what must hold and what goes wrong for people otherwise. */
  readonly reason: string
  /** What the fixture or the connector must offer, for the table in the README. */
  readonly needs?: string
  /** Returns a detail for the score card. @throws LawBroken, {@link NotApplicable}, or whatever the connector threw */
  run(bench: Bench): Promise<string | undefined>
}

/** The connector does not keep the law; the message says what was expected and what was seen. */
export class LawBroken extends Error {
  override readonly name = 'LawBroken'
}

/** The law cannot be tried here; the message says what is missing. */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable'
}

/** @throws LawBroken unless `condition` holds */
export function must(condition: unknown, message: string | (() => string)): asserts condition {
  if (!condition) throw new LawBroken(typeof message === 'string' ? message : message())
}

/** @throws NotApplicable when the value is missing */
export function needs<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NotApplicable(what)
  return value
}

/** For messages: one line, bounded. */
export function show(value: unknown, limit = 300): string {
  const text = value instanceof Error ? describeError(value) : (JSON.stringify(value) ?? String(value))
  return text.length > limit ? `${text.slice(0, limit)}…` : text
}

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}: ${show(error)}`
  const code = (error as { code?: unknown }).code
  return `${error.name}${code === undefined ? '' : ` (${String(code)})`}: ${error.message}`
}

/** For messages: the first few members of a set. */
export function few(values: Iterable<string>, count = 5): string {
  const all = [...values]
  const head = all.slice(0, count).map((value) => JSON.stringify(value))
  return all.length > count ? `${head.join(', ')} and ${all.length - count} more` : head.join(', ')
}
