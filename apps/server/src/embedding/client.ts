import { retryAfterMs } from '@cx/core/http'
import type { Embedding } from '@cx/store'

/** How an endpoint failed, as far as it says what to do next. */
export type EmbeddingFailure =
  /** Later it may work: busy, unreachable, broken. */
  | 'unavailable'
  /** The key is wrong or missing. */
  | 'unauthenticated'
  /** These inputs, or so many at once, are not taken. */
  | 'refused'
  /** It works, but not as the collection says: another number of dimensions, no such path. */
  | 'misconfigured'

/** Never holds the key, nor any text. */
export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError'
  readonly kind: EmbeddingFailure
  /** How long the endpoint asks to be left alone. */
  readonly retryAfterMs: number | undefined

  constructor(kind: EmbeddingFailure, message: string, retryAfterMs?: number) {
    super(message)
    this.kind = kind
    this.retryAfterMs = retryAfterMs
  }
}

export interface EmbeddingClientOptions {
  readonly fetch: typeof globalThis.fetch
  readonly apiKey: string | undefined
}

/** Asks an OpenAI-compatible endpoint for vectors: https://platform.openai.com/docs/api-reference/embeddings/create */
export class EmbeddingClient {
  readonly #fetch: typeof globalThis.fetch
  readonly #apiKey: string | undefined
  /** Models that do not take `dimensions`, as most with a fixed number do not. */
  readonly #fixed = new Set<string>()

  constructor({ fetch, apiKey }: EmbeddingClientOptions) {
    this.#fetch = fetch
    this.#apiKey = apiKey
  }

  /** One request; vectors in the order of the texts. @throws EmbeddingError */
  async embed(embedding: Embedding, texts: readonly string[], signal: AbortSignal): Promise<readonly Float32Array[]> {
    const model = `${embedding.baseUrl}\n${embedding.model}`
    try {
      return await this.#request(embedding, texts, !this.#fixed.has(model), signal)
    } catch (error) {
      const mayBeDimensions = error instanceof EmbeddingError && error.kind === 'refused'
      if (!mayBeDimensions || this.#fixed.has(model)) throw error
      const vectors = await this.#request(embedding, texts, false, signal)
      this.#fixed.add(model)
      return vectors
    }
  }

  async #request(
    { baseUrl, model, dimensions }: Embedding,
    input: readonly string[],
    sendDimensions: boolean,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    let response: Response
    let body: unknown
    try {
      response = await this.#fetch(`${baseUrl.replace(/\/+$/, '')}/embeddings`, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          ...(this.#apiKey !== undefined && { Authorization: `Bearer ${this.#apiKey}` }),
        },
        body: JSON.stringify({ model, input, encoding_format: 'float', ...(sendDimensions && { dimensions }) }),
        // The key must not follow to another address.
        redirect: 'error',
        signal,
      })
      body = await response.json().catch(() => undefined)
    } catch (error) {
      signal.throwIfAborted()
      const { message, cause } = error as Error
      throw new EmbeddingError('unavailable', `${baseUrl} cannot be reached: ${(cause as Error)?.message ?? message}.`)
    }
    signal.throwIfAborted()
    if (!response.ok) throw failure(baseUrl, response)
    return vectorsOf(body, input.length, dimensions)
  }
}

function failure(baseUrl: string, response: Response): EmbeddingError {
  const { status } = response
  const wait = retryAfterMs(response.headers.get('retry-after'))
  if (status === 401 || status === 403)
    return new EmbeddingError('unauthenticated', `${baseUrl} answered ${status}. Check CX_EMBEDDING_API_KEY.`)
  if (status === 429 || status === 408 || status >= 500)
    return new EmbeddingError('unavailable', `${baseUrl} answered ${status}.`, wait)
  if (status === 400 || status === 413 || status === 422)
    return new EmbeddingError('refused', `${baseUrl} answered ${status}: it does not take this input.`)
  return new EmbeddingError(
    'misconfigured',
    `${baseUrl} answered ${status}. baseUrl must be the address before /embeddings (often ending in /v1), and the model one that it has.`,
  )
}

function vectorsOf(body: unknown, count: number, dimensions: number): readonly Float32Array[] {
  const data = (body as { data?: unknown } | undefined)?.data
  const broken = () => new EmbeddingError('misconfigured', 'The endpoint does not answer as an embeddings API does.')
  if (!Array.isArray(data) || data.length !== count) throw broken()
  const vectors: Float32Array[] = new Array(count)
  for (const [place, one] of data.entries()) {
    const { index = place, embedding } = one as { index?: number; embedding?: unknown }
    if (!Array.isArray(embedding) || !(index >= 0 && index < count)) throw broken()
    if (embedding.length !== dimensions)
      throw new EmbeddingError(
        'misconfigured',
        `The model gives ${embedding.length} dimensions, the collection says ${dimensions}. Change the collection's \`embedding.dimensions\`.`,
      )
    vectors[index] = Float32Array.from(embedding as number[])
    if (!vectors[index].every(Number.isFinite)) throw broken()
  }
  if (Object.keys(vectors).length !== count) throw broken()
  return vectors
}
