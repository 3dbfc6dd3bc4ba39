import type { Entry } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'
import type { ObserveStage } from './observe.ts'
import type { CommitBatch, Outcome, RunKey, SyncStore, UnreadablePart } from './ports.ts'

/** Entries between two checkpoints; `open` are those that are in no batch yet. */
interface Segment {
  open: number
  checkpoint?: NonNullable<CommitBatch['checkpoint']>
}

export interface CommitterOptions {
  readonly store: SyncStore
  readonly key: RunKey
  readonly pipeline: string
  readonly skipPipeline: string
  /** Called once, when a write failed: nothing more can be stored. */
  readonly onError: (error: unknown) => void
  /** The store refused one document; that it failed is written instead. */
  readonly onRefused: (error: unknown, entry: Entry) => void
  readonly observe?: ObserveStage | undefined
}

/** An outcome that is to be written. */
interface Queued {
  readonly outcome: Outcome
  readonly weight: number
  readonly segment: Segment
}

/**
 * Chunks and outcomes that fill a batch: a transaction of 500 rows costs a fifth of 500 transactions. Larger ones would
 * keep everyone else's writes waiting, and copying one to the writer would hold up this thread.
 */
const fullBatch = 500
/** Chunks and outcomes that may wait to be written, before readers have to wait. */
const backlogLimit = 2_000
/** A half-empty batch waits this long for company. */
const lingerMs = 40

/**
 * Writes outcomes in batches, one transaction after the other, each with the newest checkpoint that it completes:
 * one before which every entry has its outcome in this batch or in an earlier one.
 */
export class Committer {
  readonly #options: CommitterOptions
  readonly #segments: Segment[] = [{ open: 0 }]
  #generation: number | null = null
  #outcomes: Queued[] = []
  #weight = 0
  #writing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #waiting: (() => void)[] = []
  #unreadable: readonly UnreadablePart[] | undefined
  #failed = false

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  /** Begins a listing (or, with null, what is no listing). Everything before must be drained. */
  begin(generation: number | null): void {
    this.#generation = generation
    this.#segments.splice(0, this.#segments.length, { open: 0 })
    this.#unreadable = undefined
  }

  /** An entry has been taken on; returns the function that hands in its outcome. */
  take(): (outcome: Outcome | undefined) => void {
    const segment = this.#segments.at(-1)!
    segment.open++
    return (outcome) => {
      if (outcome) {
        const weight = weightOf(outcome)
        this.#outcomes.push({ outcome, weight, segment })
        this.#weight += weight
      } else segment.open--
      this.#schedule()
    }
  }

  /** Everything taken on so far lies before this checkpoint. */
  checkpoint(kind: 'resume' | 'cursor', value: Json): void {
    const segment = this.#segments.at(-1)!
    segment.checkpoint = { kind, value }
    this.#segments.push({ open: 0 })
    this.#schedule()
  }

  /** What could not be read so far; stored with the next batch. */
  unreadable(parts: readonly UnreadablePart[]): void {
    this.#unreadable = parts
    this.#schedule()
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#weight > backlogLimit && !this.#failed)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Writes what is there. Everything taken on must have its outcome before the last checkpoint is stored. */
  async drain(): Promise<void> {
    while (this.#writing || this.#pending()) {
      if (this.#failed) return
      this.#write()
      await this.#writing
    }
  }

  #pending(): boolean {
    return (
      this.#outcomes.length > 0 ||
      this.#unreadable !== undefined ||
      (this.#segments[0]!.open === 0 && this.#segments[0]!.checkpoint !== undefined)
    )
  }

  #schedule(): void {
    if (this.#writing || this.#failed) return
    if (this.#weight >= fullBatch) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), lingerMs)
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#writing || this.#failed || !this.#pending()) return
    const { pipeline, skipPipeline, onError, observe } = this.#options
    const began = observe && performance.now()
    const tell = (code?: string) =>
      observe?.({
        stage: 'index',
        ms: performance.now() - began!,
        items: outcomes.length,
        bytes: 0,
        ...(code !== undefined && { code }),
      })
    const outcomes = this.#nextBatch()
    const unreadable = this.#unreadable
    const checkpoint = this.#completedCheckpoint()
    this.#unreadable = undefined
    this.#writing = this.#commit({
      generation: this.#generation,
      pipeline,
      skipPipeline,
      outcomes,
      ...(checkpoint && { checkpoint }),
      ...(unreadable && { unreadable }),
    })
      .then(
        () => tell(),
        (error: unknown) => {
          tell('write_failed')
          throw error
        },
      )
      .catch((error: unknown) => {
        this.#failed = true
        onError(error)
      })
      .finally(() => {
        this.#writing = undefined
        for (const wake of this.#waiting.splice(0)) wake()
        if (this.#pending()) this.#schedule()
      })
  }

  /** One document that the store cannot take must not cost the others in its batch: then each is written by itself. */
  async #commit(batch: CommitBatch): Promise<void> {
    const { store, key, onRefused } = this.#options
    try {
      await store.commit(key, batch)
    } catch (error) {
      if (!isRefusal(error)) throw error
      const { checkpoint: _, unreadable: __, ...bare } = batch
      for (const outcome of batch.outcomes)
        await store.commit(key, { ...bare, outcomes: [outcome] }).catch(async (error: unknown) => {
          if (!isRefusal(error) || !('entry' in outcome)) throw error
          await store.commit(key, { ...bare, outcomes: [refused(outcome)] })
          onRefused(error, outcome.entry)
        })
      await store.commit(key, { ...batch, outcomes: [] })
    }
  }

  /** The oldest outcomes, as many as fill a batch. */
  #nextBatch(): readonly Outcome[] {
    let weight = 0
    let count = 0
    while (count < this.#outcomes.length && weight < fullBatch) weight += this.#outcomes[count++]!.weight
    const batch = this.#outcomes.splice(0, count)
    for (const { segment } of batch) segment.open--
    this.#weight -= weight
    return batch.map(({ outcome }) => outcome)
  }

  #completedCheckpoint(): CommitBatch['checkpoint'] {
    let newest: CommitBatch['checkpoint']
    while (this.#segments.length > 1 && this.#segments[0]!.open === 0) newest = this.#segments.shift()!.checkpoint
    return newest
  }

  /** Ends it without writing more. */
  stop(): void {
    this.#failed = true
    clearTimeout(this.#timer)
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

function weightOf(outcome: Outcome): number {
  if (outcome.kind !== 'indexed') return 1
  let chunks = 1 + outcome.document.chunks.length
  for (const child of outcome.document.children ?? [])
    chunks += child.outcome.ok ? 1 + child.outcome.document.chunks.length : 1
  return chunks
}

function isRefusal(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 'refused'
}

function refused({ entry, fingerprint }: Extract<Outcome, { readonly entry: Entry }>): Outcome {
  return {
    kind: 'failed',
    entry,
    fingerprint,
    stage: 'index',
    code: 'internal_error',
    message: 'cx could not store what came out of this document; the log of the server says why. Please report it.',
    retryable: true,
    collected: true,
    bytes: 0,
  }
}
