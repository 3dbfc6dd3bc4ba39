import type { Json } from '@cx/core'
import type { Job, JobKind, JobStatus } from '@cx/core/engine'
import type { DocumentRecord } from './documents.ts'
import type { Page, PageRequest } from './page.ts'

export interface JobEvent {
  /** Rising within a job; the SSE `id`. */
  readonly seq: number
  readonly at: number
  readonly type: 'progress' | 'failure' | 'end'
  readonly data: Json
}

/** With the error that a job met, and whether another try is worth it. */
export interface FailedDocument extends DocumentRecord {
  readonly retryable: boolean
}

/** What became of jobs; running them is the `Queue`. Times are epoch milliseconds. Absent rows are `undefined`. */
export interface JobStore {
  job(id: string): Promise<Job | undefined>
  jobs(
    page: PageRequest & { readonly connectorId: string; readonly status?: JobStatus; readonly kind?: JobKind },
  ): Promise<Page<Job>>
  /** Whether any job waits to be claimed. */
  anyQueued(): Promise<boolean>
  /** Events after `seq`, oldest first: at most one progress event (the latest), failures, the end. */
  jobEvents(jobId: string, after: number, limit: number): Promise<readonly JobEvent[]>
  failures(jobId: string, page: PageRequest): Promise<Page<FailedDocument>>
}
