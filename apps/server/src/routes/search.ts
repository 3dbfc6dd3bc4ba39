import { queryVectors } from '../embedding/query.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { collectionsToRead, readerOf } from '../reading.ts'
import { searchResult } from '../schemas.ts'
import type { Services } from '../services.ts'
import { viewHit } from '../views.ts'

const list = {
  type: 'array',
  minItems: 1,
  maxItems: 100,
  items: { type: 'string', minLength: 1, maxLength: 200 },
} as const
const time = { type: 'string', format: 'date-time' } as const

const body = object(
  {
    query: {
      type: 'string',
      minLength: 1,
      maxLength: 10_000,
      description:
        'Words must all occur; "phrases in quotes"; -without; either OR other. Of more than 4,000 characters the first count.',
    },
    collections: { ...list, description: 'Ids or names; all that the key sees unless told.' },
    limit: { type: 'integer', minimum: 1, maximum: 100, description: '10 unless told.' },
    offset: { type: 'integer', minimum: 0, maximum: 10_000 },
    mode: { type: 'string', enum: ['keyword', 'semantic', 'hybrid'], description: '`keyword` unless told.' },
    filters: object({
      connectors: list,
      types: list,
      mimeTypes: list,
      pathPrefix: { type: 'string', minLength: 1, maxLength: 8192 },
      updatedAfter: time,
      updatedBefore: time,
    }),
    principal: {
      type: 'string',
      minLength: 1,
      maxLength: 320,
      description: 'An e-mail or a source id: only what this person may read.',
    },
  },
  ['query'],
)

export function searchRoutes(services: Services): readonly Route[] {
  const { store } = services
  return [
    route(
      {
        method: 'POST',
        path: '/api/v1/search',
        operationId: 'search',
        tag: 'Search',
        summary: 'Search documents',
        description: 'Keys without the scope `search:all` must name a `principal`.',
        access: 'viewer',
        body,
        answers: {
          200: {
            description:
              'The best matches first. `meta.tookMs` says how long it took, `meta.totalIsExact` whether there may be more than `total`, `meta.notes` what was left out.',
            schema: object({ results: { type: 'array', items: searchResult }, total: { type: 'integer' } }, [
              'results',
              'total',
            ]),
          },
        },
        errors: ['forbidden', 'not_found', 'unsupported_operation', 'unavailable'],
      },
      async ({ caller, body }) => {
        const { query, limit = 10, offset = 0, mode = 'keyword', filters, principal } = body
        const reader = readerOf(caller, principal)
        const began = performance.now()
        const collections = await collectionsToRead(services, caller, body.collections)
        const { updatedAfter, updatedBefore, ...plain } = filters ?? {}
        const { vectors, notes } =
          mode === 'keyword' ? { vectors: [], notes: [] } : await queryVectors(services, query, mode, collections)
        const { hits, total, exact } =
          collections.length === 0
            ? { hits: [], total: 0, exact: true }
            : await store.search({
                query,
                mode,
                vectors,
                collections,
                limit,
                offset,
                filters: {
                  ...plain,
                  ...(updatedAfter !== undefined && { updatedAfter: Date.parse(updatedAfter) }),
                  ...(updatedBefore !== undefined && { updatedBefore: Date.parse(updatedBefore) }),
                },
                ...(reader !== undefined && { principal: reader }),
              })
        return ok(
          { results: hits.map(viewHit), total },
          {
            tookMs: Math.round((performance.now() - began) * 10) / 10,
            totalIsExact: exact,
            ...(notes.length > 0 && { notes }),
          },
        )
      },
    ),
  ]
}
