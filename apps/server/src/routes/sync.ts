import type { SyncMode } from '@cx/core/engine'
import { conflict, invalid } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { accepted, ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { requireUnbound } from '../reading.ts'
import { failureSchema, jobStatuses, startedJob, syncJob } from '../schemas.ts'
import { audit, type Services, startJob } from '../services.ts'
import { jobEvents } from '../sse.ts'
import { viewFailure, viewJob, viewStartedJob } from '../views.ts'

const tag = 'Sync'
const id = { type: 'string' } as const
const params = object({ id }, ['id'])
const jobParams = object({ id, jobId: id }, ['id', 'jobId'])
const started = { 202: { description: 'The job was accepted.', schema: startedJob } }
const ended: ReadonlySet<string> = new Set(['completed', 'partial', 'failed', 'cancelled', 'needs_confirmation'])

const syncBody = object({
  sync_mode: { type: 'string', enum: ['auto', 'full', 'incremental'], description: '`auto` unless told.' },
  file_filter: {
    type: 'array',
    maxItems: 10_000,
    items: { type: 'string', minLength: 1, maxLength: 8192 },
    description: 'Source paths as GET …/files prints them; one that ends in `/` is a subtree.',
  },
  force_full_sync: { type: 'boolean', description: 'Deprecated: `sync_mode: "full"`.' },
})

/** When `force_full_sync` was deprecated, as RFC 9745 has it. */
const deprecation = { Deprecation: '@1764547200' }

export function syncRoutes(services: Services): readonly Route[] {
  const { store, sight } = services
  return [
    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/sync',
        operationId: 'startSync',
        tag,
        summary: 'Sync now',
        description: 'One job runs for a connector at a time; an equal request while one is queued returns that one.',
        access: 'editor',
        params,
        body: syncBody,
        bodyOptional: true,
        answers: started,
        errors: ['conflict'],
      },
      async ({ caller, params, body }) => {
        const connector = await sight.connector(caller, params.id)
        const { sync_mode, file_filter, force_full_sync } = body
        if (sync_mode === 'incremental' && force_full_sync)
          throw invalid([{ path: '/force_full_sync', message: 'cannot be combined with sync_mode "incremental"' }])
        if (sync_mode === 'incremental' && !file_filter?.length)
          throw invalid([
            { path: '/file_filter', message: 'must name at least one path when sync_mode is "incremental"' },
          ])
        const mode: SyncMode = force_full_sync ? 'full' : (sync_mode ?? 'auto')
        const paths = mode === 'full' || !file_filter?.length ? undefined : file_filter
        const job = await startJob(services, connector, 'sync', { mode, ...(paths && { paths }) })
        await audit(services, caller, 'sync.requested', connector.id, { jobId: job.id, mode })
        return accepted(viewStartedJob(job), force_full_sync === undefined ? {} : deprecation)
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/sync',
        operationId: 'listSyncs',
        tag,
        summary: 'List sync jobs',
        access: 'viewer',
        params,
        query: object({ ...pagingParameters, status: { type: 'string', enum: jobStatuses } }),
        answers: { 200: { description: 'Jobs, newest first.', schema: syncJob, list: true } },
      },
      async ({ caller, params, query }) => {
        const { id: connectorId } = await sight.connector(caller, params.id)
        const page = await store.jobs({
          ...pageRequest(query),
          connectorId,
          ...(query.status && { status: query.status }),
        })
        return listPage(query, page, (job) => viewJob(job))
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/sync/{jobId}',
        operationId: 'getSync',
        tag,
        summary: 'Show a sync job',
        access: 'viewer',
        params: jobParams,
        answers: { 200: { description: 'The job with its progress.', schema: syncJob } },
      },
      async ({ caller, params }) => ok(viewJob(await sight.job(caller, params.id, params.jobId))),
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/sync/{jobId}/cancel',
        operationId: 'cancelSync',
        tag,
        summary: 'Cancel a sync job',
        description: 'What is indexed already stays. The job ends within two seconds.',
        access: 'editor',
        params: jobParams,
        answers: { 202: { description: 'The job as it is now.', schema: syncJob } },
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        const job = await sight.job(caller, params.id, params.jobId)
        if (ended.has(job.status)) throw conflict('job_ended', `This job has ended already: it is ${job.status}.`)
        const engine = await services.engine()
        await engine.cancel(job.id)
        await audit(services, caller, 'sync.cancelled', job.connectorId, { jobId: job.id })
        return accepted(viewJob((await store.job(job.id)) ?? job))
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/sync/{jobId}/events',
        operationId: 'followSync',
        tag,
        summary: 'Follow a sync job',
        description:
          'Server-sent events: `progress` (the job), `failure` (one document), `end` (the job). Resumes after `Last-Event-ID`.',
        access: 'viewer',
        params: jobParams,
        headers: { 'Last-Event-ID': 'Id of the last event that was received.' },
        answers: {
          200: {
            description: 'A stream of events until the job ends.',
            contentType: 'text/event-stream',
            schema: { type: 'string' },
          },
          204: {
            description: 'The job has ended, and nothing came after `Last-Event-ID`: do not ask again.',
            empty: true,
          },
        },
      },
      async ({ caller, params, request }) => {
        requireUnbound(caller)
        const job = await sight.job(caller, params.id, params.jobId)
        return jobEvents(services, job.id, request)
      },
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/sync/{jobId}/failures',
        operationId: 'listSyncFailures',
        tag,
        summary: 'List what failed in a sync job',
        access: 'viewer',
        params: jobParams,
        query: object(pagingParameters),
        answers: { 200: { description: 'Documents that failed.', schema: failureSchema, list: true } },
      },
      async ({ caller, params, query }) => {
        requireUnbound(caller)
        const job = await sight.job(caller, params.id, params.jobId)
        return listPage(query, await store.failures(job.id, pageRequest(query)), viewFailure)
      },
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/sync/{jobId}/retry',
        operationId: 'retrySync',
        tag,
        summary: 'Try failed documents again',
        description: 'Those that failed in this job and still are failed; nothing else is looked at.',
        access: 'editor',
        params: jobParams,
        answers: started,
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        const job = await sight.job(caller, params.id, params.jobId)
        if (!ended.has(job.status)) throw conflict('job_running', 'This job has not ended yet. Cancel it, or wait.')
        const connector = await sight.connector(caller, params.id)
        const retry = await startJob(services, connector, 'retry', { retries: job.id })
        await audit(services, caller, 'sync.retried', connector.id, { jobId: job.id })
        return accepted(viewStartedJob(retry))
      },
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/sync/{jobId}/confirm',
        operationId: 'confirmSync',
        tag,
        summary: 'Carry out deletions that were held back',
        access: 'editor',
        params: jobParams,
        answers: started,
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        const job = await sight.job(caller, params.id, params.jobId)
        if (job.status !== 'needs_confirmation')
          throw conflict('nothing_to_confirm', `This job holds nothing back: it is ${job.status}.`)
        if ((await store.heldGeneration(job.connectorId, job.id)) === undefined)
          throw conflict('superseded', 'A newer sync has listed the source since. Look at its result instead.')
        const confirm = await startJob(services, await sight.connector(caller, params.id), 'confirm', {
          confirms: job.id,
        })
        await audit(services, caller, 'sync.confirmed', job.connectorId, {
          jobId: job.id,
          deletions: job.pendingDeletions ?? null,
        })
        return accepted(viewStartedJob(confirm))
      },
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/refresh-permissions',
        operationId: 'refreshPermissions',
        tag,
        summary: 'Read access lists again',
        description: 'Reads no content. The job is polled like a sync.',
        access: 'editor',
        params,
        answers: started,
        errors: ['conflict'],
      },
      async ({ caller, params }) => {
        const connector = await sight.connector(caller, params.id)
        const job = await startJob(services, connector, 'permissions')
        await audit(services, caller, 'permissions.refreshed', connector.id, { jobId: job.id })
        return accepted(viewStartedJob(job))
      },
    ),
  ]
}
