import type { QueryVector } from '@cx/store'
import { ApiError } from '../http/errors.ts'
import type { Services } from '../services.ts'
import { EmbeddingError } from './client.ts'

export interface QueryVectors {
  readonly vectors: readonly QueryVector[]
  /** What the answer leaves out, for the caller. */
  readonly notes: readonly string[]
}

/**
 * Embeds a query, once for each model among the collections.
 *
 * @throws ApiError `unsupported_operation` when none of them has embeddings; `unavailable` when `semantic` has nothing to go by.
 */
export async function queryVectors(
  { store, embedder }: Services,
  query: string,
  mode: 'semantic' | 'hybrid',
  collections: readonly string[],
): Promise<QueryVectors> {
  const states = (await store.embeddingStates()).filter(({ collectionId }) => collections.includes(collectionId))
  if (states.length === 0)
    throw new ApiError(
      'unsupported_operation',
      `Search by "${mode}" needs embeddings, which none of these collections has. Set \`embedding\` of a collection, or use mode "keyword".`,
    )
  const notes: string[] = []
  const without = collections.length - states.length
  if (without > 0)
    notes.push(
      `${without} of ${collections.length} collections have no embeddings: ${mode === 'hybrid' ? 'they are searched by keyword alone' : 'they are left out'}.`,
    )
  const pending = states.reduce((sum, state) => sum + state.pending, 0)
  if (pending > 0) notes.push(`${pending} chunks have no vector yet.`)
  const models = Map.groupBy(states, ({ embedding }) => JSON.stringify(embedding))
  const found = await Promise.all(
    [...models.values()].map(async (group): Promise<QueryVector | EmbeddingError> => {
      const { embedding } = group[0] as (typeof group)[number]
      try {
        const vector = await (await embedder()).query(embedding, query)
        return { collections: group.map(({ collectionId }) => collectionId), vector }
      } catch (error) {
        if (error instanceof EmbeddingError) return error
        throw error
      }
    }),
  )
  const vectors = found.filter((one): one is QueryVector => !(one instanceof EmbeddingError))
  const failures = found.filter((one) => one instanceof EmbeddingError).map(({ message }) => message)
  if (vectors.length === 0 && mode === 'semantic')
    throw new ApiError(
      'unavailable',
      `The query could not be embedded: ${failures.join(' ')} Mode "keyword" works without.`,
    )
  if (failures.length > 0)
    notes.push(`Not searched by meaning where the query could not be embedded: ${failures.join(' ')}`)
  return { vectors, notes }
}
