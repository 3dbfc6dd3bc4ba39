import type { Collection, CollectionCounts } from '@cx/store'
import type { Caller } from '../access.ts'
import { ApiError, conflict, invalid, notFound } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { created, ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { collectionSchema } from '../schemas.ts'
import { audit, type Services } from '../services.ts'
import { viewCollection } from '../views.ts'

const tag = 'Collections'
const params = object({ id: { type: 'string', description: 'Id or name.' } }, ['id'])
const fields = {
  name: { type: 'string', minLength: 1, maxLength: 200 },
  description: { type: 'string', maxLength: 2000 },
  embedding: {
    type: ['object', 'null'],
    properties: {
      baseUrl: { type: 'string', format: 'uri', maxLength: 2000 },
      model: { type: 'string', minLength: 1, maxLength: 200 },
      dimensions: { type: 'integer', minimum: 1, maximum: 16_384 },
    },
    required: ['baseUrl', 'model', 'dimensions'],
    additionalProperties: false,
  },
} as const
const answers = { 200: { description: 'The collection.', schema: collectionSchema } }

export function collectionRoutes(services: Services): readonly Route[] {
  const { store, sight } = services
  /** Names are unique: they stand for ids in requests. */
  const refuseTaken = async (name: string | undefined, own?: string) => {
    if (name === undefined) return
    if (/^col_/i.test(name))
      throw new ApiError('invalid_request', 'A collection name must not begin with "col_": ids do.', {
        details: [{ path: '/name', message: 'must not begin with "col_"' }],
      })
    const found = await store.collection(name)
    if (found && found.id !== own)
      throw conflict('name_taken', `There is a collection ${JSON.stringify(name)} already.`)
  }
  /** Collections with what keeps their embeddings back. */
  const view = async () => {
    const embedder = await services.embedder()
    return (collection: Collection & CollectionCounts) => viewCollection(collection, embedder.problem(collection.id))
  }
  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/collections',
        operationId: 'listCollections',
        tag,
        summary: 'List collections',
        access: 'viewer',
        query: object(pagingParameters),
        answers: { 200: { description: 'Collections with their counts.', schema: collectionSchema, list: true } },
      },
      async ({ caller, query }) => {
        const page = await store.collections({
          ...pageRequest(query),
          ...(caller.collections && { ids: caller.collections }),
        })
        return listPage(query, page, await view())
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/collections',
        operationId: 'createCollection',
        tag,
        summary: 'Create a collection',
        access: 'editor',
        body: object(fields, ['name']),
        answers: { 201: { description: 'The collection.', schema: collectionSchema } },
        errors: ['conflict'],
      },
      async ({ caller, body }) => {
        if (caller.collections !== null)
          throw new ApiError('forbidden', 'This key is limited to certain collections, so it cannot make new ones.')
        await refuseTaken(body.name)
        checkEmbedding(caller, body.embedding)
        const made = await store.createCollection({
          name: body.name,
          description: body.description ?? '',
          embedding: body.embedding ?? null,
        })
        await audit(services, caller, 'collection.created', made.id, { name: made.name })
        return created(viewCollection({ ...made, connectors: 0, documents: 0, chunks: 0, embedded: 0 }))
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/collections/{id}',
        operationId: 'getCollection',
        tag,
        summary: 'Show a collection',
        access: 'viewer',
        params,
        answers,
      },
      async ({ caller, params }) => {
        const show = await view()
        return ok(show(await sight.collection(caller, params.id)))
      },
    ),
    route(
      {
        method: 'PUT',
        path: '/api/v1/collections/{id}',
        operationId: 'updateCollection',
        tag,
        summary: 'Change a collection',
        access: 'editor',
        params,
        body: object(fields),
        answers,
        errors: ['conflict'],
      },
      async ({ caller, params, body }) => {
        const { id } = await sight.collection(caller, params.id)
        await refuseTaken(body.name, id)
        checkEmbedding(caller, body.embedding)
        await store.updateCollection(id, body)
        await audit(services, caller, 'collection.updated', id, { fields: Object.keys(body) })
        return ok(viewCollection(await sight.collection(caller, id)))
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/api/v1/collections/{id}',
        operationId: 'deleteCollection',
        tag,
        summary: 'Delete an empty collection',
        access: 'editor',
        params,
        answers: {
          200: {
            description: 'It is gone.',
            schema: object({ id: { type: 'string' }, deleted: { type: 'boolean', const: true } }, ['id', 'deleted']),
          },
        },
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        const { id, name, connectors } = await sight.collection(caller, params.id)
        if (!(await store.deleteCollection(id))) {
          if (!(await store.collection(id))) throw notFound('collection', params.id)
          throw conflict(
            'collection_not_empty',
            `${JSON.stringify(name)} still has ${connectors === 1 ? 'a connector: delete it' : `${connectors} connectors: delete them`} first.`,
          )
        }
        await audit(services, caller, 'collection.deleted', id, { name })
        return ok({ id, deleted: true })
      },
    ),
  ]
}

/** The texts of the collection and the key for embeddings are sent there, so it takes an administrator to say where. */
function checkEmbedding(caller: Caller, embedding: { readonly baseUrl: string } | null | undefined): void {
  if (embedding === undefined) return
  if (caller.role !== 'admin')
    throw new ApiError(
      'forbidden',
      'The texts of the collection are sent to `embedding.baseUrl`: only a key with the role "admin" can set it.',
    )
  if (embedding !== null && !/^https?:\/\//i.test(embedding.baseUrl))
    throw invalid([{ path: '/embedding/baseUrl', message: 'must begin with https:// or http://' }])
}
