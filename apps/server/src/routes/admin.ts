import { hashKey, newKey, requireAllCollections } from '../access.ts'
import { ApiError, invalid, notFound } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { created, ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { apiKeySchema, auditSchema, roles } from '../schemas.ts'
import { audit, type Services } from '../services.ts'
import { viewApiKey, viewAudit } from '../views.ts'

const tag = 'Administration'

export function adminRoutes(services: Services): readonly Route[] {
  const { store, sight } = services
  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/api-keys',
        operationId: 'listApiKeys',
        tag,
        summary: 'List API keys',
        access: 'admin',
        query: object(pagingParameters),
        answers: { 200: { description: 'Keys, without the keys themselves.', schema: apiKeySchema, list: true } },
      },
      async ({ caller, query }) => {
        requireAllCollections(caller)
        return listPage(query, await store.apiKeys(pageRequest(query)), viewApiKey)
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/api-keys',
        operationId: 'createApiKey',
        tag,
        summary: 'Make an API key',
        description: 'The key is in this answer and never again: only its hash is kept.',
        access: 'admin',
        body: object(
          {
            name: { type: 'string', minLength: 1, maxLength: 200 },
            role: { type: 'string', enum: roles },
            collections: {
              type: ['array', 'null'],
              minItems: 1,
              maxItems: 1000,
              items: { type: 'string', minLength: 1, maxLength: 200 },
              description: 'Ids or names; null, or left out, for all.',
            },
            scopes: {
              type: 'array',
              uniqueItems: true,
              maxItems: 1,
              items: { type: 'string', pattern: '^(search:all|principal:.{1,320})$' },
              description:
                '`search:all`: search and read without naming a person. `principal:<e-mail or source id>`: read as this person, and no other.',
            },
            expiresAt: { type: ['string', 'null'], format: 'date-time' },
          },
          ['name', 'role'],
        ),
        shownOnce: ['key'],
        answers: { 201: { description: 'The key.', schema: apiKeySchema } },
        errors: ['not_found'],
      },
      async ({ caller, body }) => {
        requireAllCollections(caller)
        const expiresAt = body.expiresAt ? Date.parse(body.expiresAt) : null
        if (expiresAt !== null && expiresAt <= Date.now())
          throw invalid([{ path: '/expiresAt', message: 'must be in the future' }])
        const collections = body.collections
          ? await Promise.all(body.collections.map(async (one) => (await sight.collection(caller, one)).id))
          : null
        const key = newKey()
        const stored = await store.createApiKey({
          name: body.name,
          role: body.role,
          collections,
          scopes: body.scopes ?? [],
          expiresAt,
          hint: key.slice(0, 7),
          hash: hashKey(key),
        })
        await audit(services, caller, 'api_key.created', stored.id, { name: body.name, role: body.role })
        return created({ ...viewApiKey(stored), key })
      },
    ),
    route(
      {
        method: 'DELETE',
        path: '/api/v1/api-keys/{id}',
        operationId: 'deleteApiKey',
        tag,
        summary: 'Delete an API key',
        access: 'admin',
        params: object({ id: { type: 'string' } }, ['id']),
        answers: {
          200: {
            description: 'It no longer works.',
            schema: object({ id: { type: 'string' }, deleted: { type: 'boolean', const: true } }, ['id', 'deleted']),
          },
        },
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        requireAllCollections(caller)
        if (params.id === caller.keyId)
          throw new ApiError('conflict', 'This is the key you are using. Delete it with another one.', {
            details: { reason: 'key_in_use' },
          })
        if (!(await store.deleteApiKey(params.id))) throw notFound('API key', params.id)
        await audit(services, caller, 'api_key.deleted', params.id)
        return ok({ id: params.id, deleted: true })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/audit',
        operationId: 'listAuditEvents',
        tag,
        summary: 'List changes',
        access: 'admin',
        query: object(pagingParameters),
        answers: { 200: { description: 'Who changed what, newest first.', schema: auditSchema, list: true } },
      },
      async ({ caller, query }) => {
        requireAllCollections(caller)
        return listPage(query, await store.auditLog(pageRequest(query)), viewAudit)
      },
    ),
  ]
}
