import { ApiError } from '../http/errors.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
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
      maxLength: 2000,
      description: 'Words must all occur; "phrases in quotes"; -without.',
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

export function searchRoutes({ store, sight }: Services): readonly Route[] {
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
            description: 'The best matches first; `meta.tookMs` says how long it took.',
            schema: object({ results: { type: 'array', items: searchResult }, total: { type: 'integer' } }, [
              'results',
              'total',
            ]),
          },
        },
        errors: ['not_found', 'unsupported_operation'],
      },
      async ({ caller, body }) => {
        const { query, limit = 10, offset = 0, mode = 'keyword', filters, principal } = body
        if (mode !== 'keyword')
          throw new ApiError(
            'unsupported_operation',
            `Search by "${mode}" needs embeddings, which none of these collections has. Use mode "keyword".`,
          )
        if (principal === undefined && !caller.scopes.includes('search:all'))
          throw new ApiError(
            'forbidden',
            'This key searches only on behalf of a person: name one in `principal`, or use a key with the scope "search:all".',
          )
        const began = performance.now()
        const collections = await collectionIds()
        const { updatedAfter, updatedBefore, ...plain } = filters ?? {}
        const { hits, total } =
          collections.length === 0
            ? { hits: [], total: 0 }
            : await store.search({
                query,
                collections,
                limit,
                offset,
                filters: {
                  ...plain,
                  ...(updatedAfter !== undefined && { updatedAfter: Date.parse(updatedAfter) }),
                  ...(updatedBefore !== undefined && { updatedBefore: Date.parse(updatedBefore) }),
                },
                ...(principal !== undefined && { principal }),
              })
        return ok({ results: hits.map(viewHit), total }, { tookMs: Math.round((performance.now() - began) * 10) / 10 })

        async function collectionIds(): Promise<readonly string[]> {
          if (body.collections)
            return Promise.all(body.collections.map(async (one) => (await sight.collection(caller, one)).id))
          if (caller.collections) return caller.collections
          const ids: string[] = []
          let after: string | undefined
          do {
            const page = await store.collections({ limit: 100, ...(after !== undefined && { after }) })
            ids.push(...page.rows.map(({ id }) => id))
            after = page.next
          } while (after !== undefined)
          return ids
        }
      },
    ),
  ]
}
