import type { DocumentRecord } from '@cx/store'
import type { Caller } from '../access.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { boundTo, readDocument, readerOf, requireUnbound } from '../reading.ts'
import { accessSchema, chunkSchema, documentSchema, documentStatuses } from '../schemas.ts'
import { audit, type Services } from '../services.ts'
import { viewAccess, viewChunk, viewDocument } from '../views.ts'

const tag = 'Documents'
const id = { type: 'string' } as const
const params = object({ id, documentId: id }, ['id', 'documentId'])
const principal = {
  type: 'string',
  minLength: 1,
  maxLength: 320,
  description:
    'An e-mail or a source id: only what this person may read. Keys without the scope `search:all` must name one.',
} as const

export function documentRoutes(services: Services): readonly Route[] {
  const { store, sight } = services

  /** Content is guarded like search. */
  const readable = async (
    caller: Caller,
    params: { readonly id: string; readonly documentId: string },
    principal?: string,
  ): Promise<DocumentRecord> => {
    const reader = readerOf(caller, principal)
    return readDocument(services, await sight.document(caller, params.id, params.documentId), reader)
  }

  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/documents',
        operationId: 'listDocuments',
        tag,
        summary: 'List documents',
        access: 'viewer',
        params: object({ id }, ['id']),
        query: object({
          ...pagingParameters,
          status: { type: 'string', enum: documentStatuses },
          path: { type: 'string', maxLength: 8192, description: 'Only paths that begin so.' },
          children: { type: 'boolean', description: 'With what came out of mails and archives.' },
        }),
        answers: { 200: { description: 'What is indexed.', schema: documentSchema, list: true } },
      },
      async ({ caller, params, query }) => {
        requireUnbound(caller)
        const { id: connectorId } = await sight.connector(caller, params.id)
        const { status, path, children } = query
        const filter = {
          connectorId,
          ...(status && { status }),
          ...(path !== undefined && { path }),
          ...(children !== undefined && { children }),
        }
        return listPage(query, await store.documents(filter, pageRequest(query)), viewDocument)
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/documents/{documentId}',
        operationId: 'getDocument',
        tag,
        summary: 'Show a document',
        access: 'viewer',
        params,
        answers: { 200: { description: 'The document.', schema: documentSchema } },
      },
      async ({ caller, params }) => {
        const document = await sight.document(caller, params.id, params.documentId)
        return ok(viewDocument(await readDocument(services, document, boundTo(caller))))
      },
    ),

    route(
      {
        method: 'DELETE',
        path: '/api/v1/connectors/{id}/documents/{documentId}',
        operationId: 'deleteDocument',
        tag,
        summary: 'Remove a document from the index',
        description:
          'The source keeps it. `auto` syncs leave it out; `full`, or naming it in `file_filter`, brings it back.',
        access: 'editor',
        params,
        answers: {
          200: {
            description: 'It is out of the index.',
            schema: object({ id, deleted: { type: 'boolean', const: true } }, ['id', 'deleted']),
          },
        },
      },
      async ({ caller, params }) => {
        const document = await sight.document(caller, params.id, params.documentId)
        if (!(await store.deleteDocument(document.id))) throw notFound('document', params.documentId)
        await audit(services, caller, 'document.deleted', document.id, {
          connectorId: document.connectorId,
          path: document.entry.path,
        })
        return ok({ id: document.id, deleted: true })
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/documents/{documentId}/content',
        operationId: 'getDocumentContent',
        tag,
        summary: "Read a document's text",
        access: 'viewer',
        params,
        query: object({ principal }),
        answers: {
          200: { description: 'The extracted Markdown.', contentType: 'text/markdown', schema: { type: 'string' } },
        },
        errors: ['forbidden'],
      },
      async ({ caller, params, query }) => {
        const document = await readable(caller, params, query.principal)
        if (document.indexedAt === null || document.status === 'deleted')
          throw new ApiError('not_found', `Nothing of this document is indexed: it is ${document.status}.`)
        const text = ReadableStream.from(store.content(document.id)).pipeThrough(new TextEncoderStream())
        return new Response(text, {
          headers: { 'Content-Type': 'text/markdown; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
        })
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/documents/{documentId}/chunks',
        operationId: 'listDocumentChunks',
        tag,
        summary: "List a document's chunks",
        access: 'viewer',
        params,
        query: object({ ...pagingParameters, principal }),
        answers: { 200: { description: 'Chunks in order.', schema: chunkSchema, list: true } },
        errors: ['forbidden'],
      },
      async ({ caller, params, query }) => {
        const document = await readable(caller, params, query.principal)
        return listPage(query, await store.chunks(document.id, pageRequest(query)), viewChunk)
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/documents/{documentId}/access',
        operationId: 'explainAccess',
        tag,
        summary: 'Explain who may read a document',
        access: 'viewer',
        params,
        query: object({ principal: { ...principal, description: 'An e-mail or a source id.' } }, ['principal']),
        answers: { 200: { description: 'Allowed or not, and through what.', schema: accessSchema } },
      },
      async ({ caller, params, query }) => {
        const bound = boundTo(caller)
        if (bound !== undefined && bound !== query.principal) requireUnbound(caller)
        const document = await sight.document(caller, params.id, params.documentId)
        const explanation = await store.explainAccess(document.id, query.principal)
        if (!explanation) throw notFound('document', params.documentId)
        return ok(viewAccess(explanation))
      },
    ),
  ]
}
