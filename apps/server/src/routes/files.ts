import { deleteFiles, listFiles, maxDeletedPaths } from '../files.ts'
import { pagingParameters } from '../http/paging.ts'
import { accepted, list, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { requireUnbound } from '../reading.ts'
import { fileSchema } from '../schemas.ts'
import { audit, refuseIdle, type Services } from '../services.ts'
import { uploadFiles } from '../upload.ts'

const tag = 'Files'
const text = { type: 'string' } as const
const params = object({ id: text }, ['id'])
const sourceErrors = ['forbidden', 'conflict', 'unsupported_operation', 'unavailable'] as const

export function fileRoutes(services: Services): readonly Route[] {
  const { sight } = services
  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/files',
        operationId: 'listFiles',
        tag,
        summary: 'List files at the source',
        description:
          'Asks the source now. `total` is null unless the listing ended on this page; a page may be short when the source is slow: go on with `nextCursor`.',
        access: 'viewer',
        params,
        query: object({
          ...pagingParameters,
          path: { type: 'string', maxLength: 8192, description: 'An exact path, or a subtree that ends in `/`.' },
        }),
        answers: { 200: { description: 'Files, in the order of the source.', schema: fileSchema, list: true } },
        errors: sourceErrors,
      },
      async ({ caller, params, query, request }) => {
        requireUnbound(caller)
        const { files, ...meta } = await listFiles(services, await sight.connector(caller, params.id), query, request)
        return list(files, meta)
      },
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/files/upload',
        operationId: 'uploadFiles',
        tag,
        summary: 'Upload files to the source',
        description: 'Multipart, streamed to the source as it arrives; then a sync of these paths.',
        access: 'editor',
        params,
        upload: {
          contentType: 'multipart/form-data',
          schema: object(
            {
              path: {
                type: 'string',
                description: 'Folder to put them in; comes before the files where there is more than 1 MB.',
              },
              files: { type: 'array', items: { type: 'string', format: 'binary' }, description: 'Repeatable.' },
            },
            ['files'],
          ),
        },
        answers: {
          202: {
            description: 'Stored at the source; a job indexes them.',
            schema: object(
              {
                uploaded: { type: 'array', items: object({ path: text, size: { type: 'integer' } }, ['path', 'size']) },
                jobId: text,
              },
              ['uploaded', 'jobId'],
            ),
          },
        },
        errors: sourceErrors,
      },
      async ({ caller, params, request }) => {
        const connector = await sight.connector(caller, params.id)
        refuseIdle(connector)
        const result = await uploadFiles(services, connector, request)
        await audit(services, caller, 'files.uploaded', connector.id, {
          paths: result.uploaded.slice(0, 100).map(({ path }) => path),
        })
        return accepted(result)
      },
    ),

    route(
      {
        method: 'DELETE',
        path: '/api/v1/connectors/{id}/files',
        operationId: 'deleteFiles',
        tag,
        summary: 'Delete files at the source',
        access: 'editor',
        params,
        body: object(
          {
            paths: {
              type: 'array',
              minItems: 1,
              maxItems: maxDeletedPaths,
              uniqueItems: true,
              items: { type: 'string', minLength: 1, maxLength: 8192 },
            },
          },
          ['paths'],
        ),
        answers: {
          202: {
            description: 'Deleted at the source; a job takes them out of the index.',
            schema: object(
              {
                deleted: { type: 'array', items: text },
                notFound: { type: 'array', items: text },
                jobId: { type: ['string', 'null'], description: 'Null when nothing was deleted.' },
              },
              ['deleted', 'notFound', 'jobId'],
            ),
          },
        },
        errors: sourceErrors,
      },
      async ({ caller, params, body, request }) => {
        const connector = await sight.connector(caller, params.id)
        refuseIdle(connector)
        const result = await deleteFiles(services, connector, body.paths, request)
        await audit(services, caller, 'files.deleted', connector.id, { paths: result.deleted.slice(0, 100) })
        return accepted(result)
      },
    ),
  ]
}
