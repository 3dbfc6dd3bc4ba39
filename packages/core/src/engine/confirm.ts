import type { Job, JobEnd, Queue, RunKey, SyncStore } from './ports.ts'
import { RunError } from './process.ts'

/** Carries out a deletion that the valve held back. */
export async function confirm(store: SyncStore, queue: Queue, job: Job): Promise<JobEnd> {
  const key: RunKey = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
  const held = await queue.job(job.params.confirms ?? '')
  const generation = held && (await store.heldGeneration(job.connectorId, held.id))
  // Nothing runs between the attempts of a job: the one before was done, and died before it could say so.
  if (generation === undefined && job.attempt > 1 && job.progress.deleted > 0) return { status: 'completed' }
  if (!held || generation === undefined)
    throw new RunError({
      code: 'misconfigured',
      message: 'A newer sync has listed the source since; look at its result instead.',
    })
  // A targeted listing saw only what it was asked for: its sweep must not go beyond.
  const { mode, paths } = held.params
  const scope = { generation, unreadable: [], ...(mode !== 'full' && paths?.length ? { paths } : {}) }
  while ((await store.sweep(key, scope, 500)) === 500);
  await store.endListing(key, { generation, whole: false })
  return { status: 'completed' }
}
