import { type EventOptions, followSync, type SyncEvent } from '../events.ts'
import type {
  Connector,
  ConnectorSummary,
  ConnectorType,
  Operations,
  StartedJob,
  SyncFailure,
  SyncJob,
  TestResult,
} from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import type { CallOptions, OperationName, Transport } from '../transport.ts'
import { wait } from '../wait.ts'

type BodyOf<N extends OperationName> = NonNullable<Operations[N]['body']>
type DataOf<N extends OperationName> = Operations[N]['data']

/** How a sync is done; see "Sync modes" in the reference. */
export type SyncOptions = BodyOf<'startSync'> & CallOptions

export interface WaitOptions extends CallOptions {
  /** Called with each state that is seen. */
  readonly onProgress?: (job: SyncJob) => void
}

const firstPauseMs = 100
const longestPauseMs = 2_000

/** Connectors and their syncs. */
export class Connectors {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  create(connector: BodyOf<'createConnector'>, options?: CallOptions): Promise<Connector> {
    return this.#transport.call('createConnector', { body: connector, options })
  }

  list(query?: QueryOf<'listConnectors'>, options?: CallOptions): Listing<ConnectorSummary> {
    return createListing(this.#transport, 'listConnectors', query, {}, options)
  }

  get(id: string, options?: CallOptions): Promise<Connector> {
    return this.#transport.call('getConnector', { params: { id }, options })
  }

  /** `config` is merged one level deep, null removes a key; `credentials` are replaced whole. */
  update(id: string, change: BodyOf<'updateConnector'>, options?: CallOptions): Promise<Connector> {
    return this.#transport.call('updateConnector', { params: { id }, body: change, options })
  }

  /** Deletes it with all it had in the index. Nothing is touched at the source. */
  delete(id: string, options?: CallOptions): Promise<DataOf<'deleteConnector'>> {
    return this.#transport.call('deleteConnector', { params: { id }, options })
  }

  /** The types of connectors this server has, each with the schemas of its config and credentials. */
  types(options?: CallOptions): Promise<readonly ConnectorType[]> {
    return this.#transport.call('listConnectorTypes', { options })
  }

  type(type: string, options?: CallOptions): Promise<ConnectorType> {
    return this.#transport.call('getConnectorType', { params: { type }, options })
  }

  /** Starts a sync; an equal one that is queued already is returned instead. */
  sync(id: string, { signal, timeoutMs, ...body }: SyncOptions = {}): Promise<StartedJob> {
    return this.#transport.call('startSync', { params: { id }, body, options: { signal, timeoutMs } })
  }

  syncStatus(id: string, jobId: string, options?: CallOptions): Promise<SyncJob> {
    return this.#transport.call('getSync', { params: { id, jobId }, options })
  }

  /** Polls until the job has ended, and returns how: `completed`, `partial`, `failed`, `cancelled` or `needs_confirmation`. */
  async waitForSync(id: string, jobId: string, { onProgress, ...options }: WaitOptions = {}): Promise<SyncJob> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
      const job = await this.syncStatus(id, jobId, options)
      onProgress?.(job)
      if (job.status !== 'queued' && job.status !== 'running') return job
      await wait(pauseMs, options.signal)
    }
  }

  /** What happens in a sync, as it happens, until it ends. */
  events(id: string, jobId: string, options?: EventOptions): AsyncIterable<SyncEvent> {
    return followSync(this.#transport, { id, jobId }, options)
  }

  /** Syncs of the past, newest first. */
  history(id: string, query?: QueryOf<'listSyncs'>, options?: CallOptions): Listing<SyncJob> {
    return createListing(this.#transport, 'listSyncs', query, { id }, options)
  }

  /** What failed in a sync. */
  failures(
    id: string,
    jobId: string,
    query?: QueryOf<'listSyncFailures'>,
    options?: CallOptions,
  ): Listing<SyncFailure> {
    return createListing(this.#transport, 'listSyncFailures', query, { id, jobId }, options)
  }

  cancel(id: string, jobId: string, options?: CallOptions): Promise<SyncJob> {
    return this.#transport.call('cancelSync', { params: { id, jobId }, options })
  }

  /** Tries the documents that failed again, and only those. */
  retry(id: string, jobId: string, options?: CallOptions): Promise<StartedJob> {
    return this.#transport.call('retrySync', { params: { id, jobId }, options })
  }

  /** Carries out the deletions that a job with the status `needs_confirmation` held back. */
  confirm(id: string, jobId: string, options?: CallOptions): Promise<StartedJob> {
    return this.#transport.call('confirmSync', { params: { id, jobId }, options })
  }

  /** Reads access lists again, no content; wait for the job as for a sync. */
  refreshPermissions(id: string, options?: CallOptions): Promise<StartedJob> {
    return this.#transport.call('refreshPermissions', { params: { id }, options })
  }

  /** Whether the source lets it in. Bad credentials are a result with `success: false`, not an error. */
  test(id: string, options?: CallOptions): Promise<TestResult> {
    return this.#transport.call('testConnector', { params: { id }, options })
  }

  /** The same before there is a connector. */
  testCredentials(trial: BodyOf<'testCredentials'>, options?: CallOptions): Promise<TestResult> {
    return this.#transport.call('testCredentials', { body: trial, options })
  }

  /** What a sync would take and leave, with reasons: the first 100 entries. */
  preview(trial: BodyOf<'previewConnector'>, options?: CallOptions): Promise<DataOf<'previewConnector'>> {
    return this.#transport.call('previewConnector', { body: trial, options })
  }

  /** What lies directly under a path of the source, for pickers. */
  browse(id: string, query?: QueryOf<'browseConnector'>, options?: CallOptions): Promise<DataOf<'browseConnector'>> {
    return this.#transport.call('browseConnector', { params: { id }, query, options })
  }

  /** Makes the secret that the source signs its webhooks with, or lets the source choose it (`fromSource`). It is shown this once. */
  createWebhookSecret(
    id: string,
    body?: BodyOf<'createWebhookSecret'>,
    options?: CallOptions,
  ): Promise<DataOf<'createWebhookSecret'>> {
    return this.#transport.call('createWebhookSecret', { params: { id }, body: body ?? {}, options })
  }

  /** The secret that a source handed over, this once. */
  takeWebhookSecret(id: string, options?: CallOptions): Promise<DataOf<'takeWebhookSecret'>> {
    return this.#transport.call('takeWebhookSecret', { params: { id }, options })
  }
}
