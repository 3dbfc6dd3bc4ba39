import type { Embedding } from '@cx/store'
import { EmbeddingError } from './client.ts'

/** What became of some texts that follow each other: their vectors, or, of one alone, why it is not taken. */
export type Batch =
  | { readonly from: number; readonly vectors: readonly Float32Array[]; readonly refused?: undefined }
  | { readonly from: number; readonly vectors?: undefined; readonly refused: string }

export type Texts = (embedding: Embedding, texts: readonly string[], signal: AbortSignal) => AsyncIterable<Batch>

type Request = (embedding: Embedding, texts: readonly string[], signal: AbortSignal) => Promise<readonly Float32Array[]>

const mostTexts = 64
/** About 50,000 tokens a request. */
const mostCharacters = 200_000
/** A text that is refused is tried once more, cut to this: models take 512 tokens at least. */
const shortCharacters = 1_000

/**
 * Sends texts in batches as large as the endpoint takes: one that it refuses is halved, and the smaller size kept for
 * what follows. A text refused alone is tried shortened, then given up, unless the endpoint refuses everything.
 */
export function batches(request: Request): Texts {
  const sizes = new Map<string, number>()
  return async function* (embedding, texts, signal) {
    const { baseUrl } = embedding
    for (let from = 0; from < texts.length; ) {
      const size = Math.min(sizes.get(baseUrl) ?? mostTexts, fitting(texts, from))
      const batch = texts.slice(from, from + size)
      try {
        yield { from, vectors: await request(embedding, batch, signal) }
        from += batch.length
      } catch (error) {
        if (!(error instanceof EmbeddingError) || error.kind !== 'refused') throw error
        if (batch.length > 1) sizes.set(baseUrl, Math.floor(batch.length / 2))
        else {
          yield { from, ...(await alone(embedding, batch[0] as string, error, signal)) }
          from++
          // What was wrong was that one, not the number.
          sizes.delete(baseUrl)
        }
      }
    }
  }

  async function alone(
    embedding: Embedding,
    text: string,
    error: EmbeddingError,
    signal: AbortSignal,
  ): Promise<{ readonly vectors: readonly Float32Array[] } | { readonly refused: string }> {
    const attempt = async (input: string) => {
      try {
        return await request(embedding, [input], signal)
      } catch (failed) {
        if (failed instanceof EmbeddingError && failed.kind === 'refused') return undefined
        throw failed
      }
    }
    const vectors = text.length > shortCharacters ? await attempt(text.slice(0, shortCharacters)) : undefined
    if (vectors !== undefined) return { vectors }
    if ((await attempt('test')) !== undefined) return { refused: error.message }
    throw new EmbeddingError('misconfigured', `${error.message} Nor any other: check the collection's \`embedding\`.`)
  }
}

/** How many texts from here fit into a request; at least one. */
function fitting(texts: readonly string[], from: number): number {
  let characters = 0
  let count = 0
  for (; from + count < texts.length && count < mostTexts; count++) {
    characters += (texts[from + count] as string).length
    if (characters > mostCharacters && count > 0) break
  }
  return count
}
