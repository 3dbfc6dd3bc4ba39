import type { Log } from '@cx/core'
import { Limiter, systemClock } from '@cx/core/engine'
import type { Embedding, EmbeddingState, Store } from '@cx/store'
import { batches, type Texts } from './batches.ts'
import { EmbeddingClient, EmbeddingError } from './client.ts'

export interface EmbedderOptions {
  readonly store: Pick<Store, 'embeddingStates' | 'embeddingTasks' | 'saveVectors' | 'refuseVectors'>
  readonly log: Log
  readonly fetch: typeof globalThis.fetch
  readonly apiKey: string | undefined
  readonly requestsPerMinute: number
  readonly pollMs?: number
}

/** What went wrong last in a collection; gone once it works again. */
export interface EmbeddingProblem {
  readonly code: EmbeddingError['kind'] | 'internal'
  readonly message: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Chunks read for one round; what a round has embedded is stored before the next. */
const round = 256
const requestMs = 60_000
const queryMs = 10_000
const firstWaitMs = 1_000
const longestWaitMs = 60_000

/**
 * Gives every chunk of a collection with `embedding` its vector, beside syncs, for as long as there are some without.
 * What is left to do is in the store: a restart goes on where it was.
 */
export class Embedder {
  readonly #options: EmbedderOptions
  readonly #client: EmbeddingClient
  readonly #texts: Texts
  readonly #limiters = new Map<string, Limiter>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #problems = new Map<string, EmbeddingProblem>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined

  constructor(options: EmbedderOptions) {
    this.#options = options
    this.#client = new EmbeddingClient(options)
    this.#texts = batches((embedding, texts, signal) => this.#request(embedding, texts, signal))
  }

  start(): void {
    const look = () => {
      this.#looking ??= this.#look()
        .catch((error: unknown) => this.#options.log.error('Embedding failed.', { error }))
        .finally(() => {
          this.#looking = undefined
        })
    }
    look()
    this.#timer = setInterval(look, this.#options.pollMs ?? 1_000).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    await this.#looking
    await Promise.all(this.#running.values())
  }

  problem(collectionId: string): EmbeddingProblem | undefined {
    return this.#problems.get(collectionId)
  }

  /** The vector of a query: one try, at once, whatever waits. @throws EmbeddingError */
  async query(embedding: Embedding, text: string): Promise<Float32Array> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(queryMs)])
    try {
      const [vector] = await this.#client.embed(embedding, [text], signal)
      return vector as Float32Array
    } catch (error) {
      if (error instanceof EmbeddingError) throw error
      throw new EmbeddingError('unavailable', `${embedding.baseUrl} did not answer within ${queryMs / 1000} s.`)
    }
  }

  async #look(): Promise<void> {
    for (const state of await this.#options.store.embeddingStates()) {
      const { collectionId, pending, refused } = state
      if (pending === refused || this.#running.has(collectionId) || this.#stopping.signal.aborted) continue
      const done = this.#run(state).finally(() => this.#running.delete(collectionId))
      this.#running.set(collectionId, done)
    }
  }

  /** Until nothing is left, or the settings are others. */
  async #run(state: EmbeddingState): Promise<void> {
    const { collectionId, embedding } = state
    let wait = firstWaitMs
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#round(state))) return
        this.#problems.delete(collectionId)
        wait = firstWaitMs
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        const known = error instanceof EmbeddingError ? error : undefined
        const problem = { code: known?.kind ?? 'internal', message: (error as Error).message, at: Date.now() } as const
        if (this.#problems.get(collectionId)?.message !== problem.message)
          this.#options.log.warn('Chunks could not be embedded; it is tried again.', { collectionId, ...problem })
        this.#problems.set(collectionId, problem)
        const pause = Math.max(known?.retryAfterMs ?? 0, wait)
        wait = Math.min(longestWaitMs, wait * 2)
        await systemClock.sleep(pause, this.#stopping.signal).catch(() => {})
        // They may have been corrected meanwhile.
        const now = (await this.#options.store.embeddingStates()).find((one) => one.collectionId === collectionId)
        if (JSON.stringify(now?.embedding) !== JSON.stringify(embedding)) return
      }
    }
  }

  /** False when there was nothing to do. */
  async #round({ collectionId, embedding }: EmbeddingState): Promise<boolean> {
    const { store } = this.#options
    const tasks = await store.embeddingTasks(collectionId, round)
    if (tasks.length === 0) return false
    let settled = 0
    const inputs = tasks.map(({ headings, text }) =>
      headings.length === 0 ? text : `${headings.join(' > ')}\n\n${text}`,
    )
    for await (const { from, vectors, refused } of this.#texts(embedding, inputs, this.#stopping.signal)) {
      const tickets = tasks.slice(from, from + (vectors?.length ?? 1)).map(({ ticket }) => ticket)
      settled += tickets.length
      if (vectors === undefined) await store.refuseVectors(tickets, refused)
      else
        await store.saveVectors(
          collectionId,
          embedding,
          vectors.map((vector, i) => ({ ticket: tickets[i] as number, vector })),
        )
    }
    return settled > 0
  }

  async #request(
    embedding: Embedding,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const limiter = this.#limiter(embedding.baseUrl)
    const turn = await limiter.turn(signal)
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(requestMs)])
      const vectors = await this.#client.embed(embedding, texts, within)
      turn.taken()
      return vectors
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof EmbeddingError) {
        // Everyone who uses this endpoint waits.
        if (error.retryAfterMs !== undefined) turn.refused(Math.min(error.retryAfterMs, longestWaitMs))
        throw error
      }
      throw new EmbeddingError('unavailable', `${embedding.baseUrl} did not answer within ${requestMs / 1000} s.`)
    } finally {
      turn.lost()
    }
  }

  #limiter(baseUrl: string): Limiter {
    let limiter = this.#limiters.get(baseUrl)
    if (limiter === undefined) {
      limiter = new Limiter({ clock: systemClock, requestsPerMinute: this.#options.requestsPerMinute })
      this.#limiters.set(baseUrl, limiter)
    }
    return limiter
  }
}
