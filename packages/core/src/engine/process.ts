import type { SourceConnector } from '../contract/connector.ts'
import type { Content, Entry } from '../contract/entry.ts'
import { ConnectorError } from '../contract/errors.ts'
import { abortable } from './abort.ts'
import type { Admission } from './admission.ts'
import { readBody } from './body.ts'
import { type Failure, failureOf } from './failure.ts'
import { backoff } from './fetch.ts'
import type { RateLimit } from './limiter.ts'
import type { ObserveStage } from './observe.ts'
import type { ParseFailureCode, Parser } from './parser.ts'
import type { Clock, Outcome } from './ports.ts'
import type { OpenSession } from './session.ts'

/** Ends the run: going on would only repeat it for every entry. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code: string

  constructor({ code, message }: { readonly code: string; readonly message: string }) {
    super(message)
    this.code = code
  }
}

export interface ProcessOptions {
  readonly connector: SourceConnector
  readonly opened: OpenSession
  readonly parser: Parser
  readonly clock: Clock
  readonly limiter: RateLimit
  /** Reads at once. */
  readonly reads: Admission
  readonly maxFileBytes: number
  readonly stallMs: number
  readonly retry: { readonly attempts: number; readonly baseMs: number }
  readonly observe?: ObserveStage | undefined
}

/** Reasons that are no fault of the document: recorded as skipped, not as failed. */
const skips: ReadonlySet<ParseFailureCode> = new Set(['unsupported_type', 'too_large'])

/**
 * Reads and parses one entry. Every fault of the entry is an outcome; only what concerns the whole run is thrown
 * ({@link RunError}, or the signal's reason).
 */
export async function processEntry(options: ProcessOptions, entry: Entry, fingerprint: number): Promise<Outcome> {
  const { opened, parser, maxFileBytes, observe } = options
  const { signal } = opened.run
  const base = { entry: opened.redactor.value(entry), fingerprint }
  const none = { collected: false, bytes: 0 }
  if (entry.unavailable !== undefined)
    return { kind: 'skipped', ...base, ...none, code: 'unavailable', message: entry.unavailable }
  if (entry.size !== undefined && entry.size > maxFileBytes)
    return { kind: 'skipped', ...base, ...none, ...tooLarge(maxFileBytes) }

  const fetched = await readWithRetry(options, entry)
  if (!fetched.ok) {
    const { failure } = fetched
    if (failure.code === 'not_found') return { kind: 'gone', id: base.entry.id }
    const retryable = failure.code !== 'unprocessable'
    return {
      kind: 'failed',
      ...base,
      ...none,
      stage: 'read',
      code: failure.code,
      message: failure.message,
      retryable,
      ...(retryable && { nextAttemptAt: options.clock.now() + (failure.retryAfterMs ?? 60_000) }),
    }
  }
  const { content, body } = fetched
  if (!body.ok) return { kind: 'skipped', ...base, collected: true, bytes: body.read, ...tooLarge(maxFileBytes) }

  const bytes = body.bytes.length
  const began = observe && performance.now()
  const outcome = await abortable(
    parser.parse(
      { bytes: body.bytes, mimeType: content.mimeType, filename: content.filename ?? lastSegment(entry.path) },
      { signal },
    ),
    signal,
  )
  if (observe)
    observe({
      stage: 'parse',
      ms: performance.now() - began!,
      items: 1,
      bytes,
      ...(!outcome.ok && { code: outcome.code }),
    })
  if (!outcome.ok) {
    const { code, message } = outcome
    const failed = { ...base, collected: true, bytes, code, message: opened.redactor.text(message) }
    if (skips.has(code)) return { kind: 'skipped', ...failed }
    return {
      kind: 'failed',
      ...failed,
      stage: 'parse',
      retryable: code === 'timed_out' || code === 'crashed' || code === 'out_of_memory',
    }
  }
  return {
    kind: 'indexed',
    ...base,
    entry: content.title === undefined ? base.entry : { ...base.entry, title: opened.redactor.text(content.title) },
    bytes,
    contentHash: body.hash,
    document: outcome.document,
  }
}

type Fetched =
  | {
      readonly ok: true
      readonly content: { readonly mimeType: string; readonly filename?: string; readonly title?: string }
      readonly body: Awaited<ReturnType<typeof readBody>>
    }
  | { readonly ok: false; readonly failure: Failure }

async function readWithRetry(options: ProcessOptions, entry: Entry): Promise<Fetched> {
  const { connector, opened, clock, limiter, reads, maxFileBytes, stallMs, retry, observe } = options
  const { session, run, redactor } = opened
  for (let attempt = 1; ; attempt++) {
    const leave = await reads.enter(1, run.signal)
    const began = observe && performance.now()
    const tell = (bytes: number, code?: string) =>
      observe?.({ stage: 'read', ms: performance.now() - began!, items: 1, bytes, ...(code !== undefined && { code }) })
    try {
      const opening = connector.read(session, entry, run)
      const content = await withTimeout(abortable(opening, run.signal), stallMs, limiter).catch((error: unknown) => {
        discard(opening)
        throw error
      })
      const { body, ...rest } = content
      const read = await readBody(body, { maxBytes: maxFileBytes, stallMs, expected: entry.size, signal: run.signal })
      if (read.ok) tell(read.bytes.length)
      else tell(read.read, 'too_large')
      return { ok: true, content: rest, body: read }
    } catch (error) {
      if (run.signal.aborted) throw run.signal.reason
      const failure = failureOf(error, 'unprocessable', redactor)
      tell(0, failure.code)
      if (failure.code === 'unauthenticated' || failure.code === 'misconfigured') throw new RunError(failure)
      const transient =
        failure.code === 'rate_limited' || failure.code === 'unavailable' || failure.code === 'cursor_expired'
      if (!transient || attempt >= retry.attempts) return { ok: false, failure }
      leave()
      if (failure.code === 'rate_limited')
        await limiter.wait(failure.retryAfterMs ?? backoff(attempt, 1_000), run.signal)
      else await clock.sleep(failure.retryAfterMs ?? backoff(attempt, retry.baseMs), run.signal)
    } finally {
      leave()
    }
  }
}

/** How many times over a read may take its time while calls wait for the source's rate. */
const longestBusy = 10

/** What waits because the source allows no faster has not stalled. */
/** Content that comes after all holds a file or a connection open until somebody lets go of it. */
function discard(opening: Promise<Content>): void {
  void opening.then(({ body }) => (body instanceof ReadableStream ? body.cancel() : undefined)).catch(() => {})
}

async function withTimeout<T>(promise: Promise<T>, ms: number, limiter: RateLimit): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    let times = 0
    const look = () => {
      if (++times < longestBusy && limiter.busy) timer = setTimeout(look, ms)
      else
        reject(new ConnectorError('unavailable', `The source did not answer for ${Math.round((times * ms) / 1000)} s.`))
    }
    timer = setTimeout(look, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function tooLarge(maxFileBytes: number): { readonly code: string; readonly message: string } {
  const megabytes = Math.round((maxFileBytes / 1024 / 1024) * 10) / 10
  return {
    code: 'too_large',
    message: `Larger than the limit of ${megabytes} MB (limits.maxFileBytes of the connector).`,
  }
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
