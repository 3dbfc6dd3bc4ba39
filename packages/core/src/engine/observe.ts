import type { Job } from './ports.ts'

/** Where the time of a sync goes. */
export type Stage = 'list' | 'read' | 'parse' | 'index'

/** One piece of work of a stage: a batch of a listing, an attempt to read, a parse, a write. Nothing in it is content. */
export interface StageObservation {
  readonly kind: 'stage'
  readonly jobId: string
  readonly connectorId: string
  /** The connector's type. */
  readonly type: string
  readonly stage: Stage
  /** How long it took; of a listing, what was spent waiting for the source. */
  readonly ms: number
  /** Entries listed, documents read, parsed or written. */
  readonly items: number
  readonly bytes: number
  /** Why it failed or was left out. */
  readonly code?: string
}

/** A job begins or ends in this process. */
export interface JobObservation {
  readonly kind: 'job'
  readonly jobId: string
  readonly connectorId: string
  readonly type: string
  readonly job: string
  readonly attempt: number
  /** `released`: given back at shutdown; another start goes on with it. */
  readonly status: 'started' | 'released' | 'completed' | 'partial' | 'failed' | 'cancelled' | 'needs_confirmation'
  /** Since it began here; 0 when it begins. */
  readonly ms: number
  readonly code?: string
}

export type Observation = StageObservation | JobObservation

/** Called right after what it tells of, from the middle of the work: it must be quick and must not throw. */
export type Observe = (observation: Observation) => void

/** What a stage tells; whose job it was is added by the engine. */
export type ObserveStage = (stage: Omit<StageObservation, 'kind' | 'jobId' | 'connectorId' | 'type'>) => void

/** With `started` comes the connector's type, with a failure its code. */
export type TellJob = (status: JobObservation['status'], detail?: string) => void

/** What tells of one run of a job. */
export function observeJob(observe: Observe | undefined, { id, connectorId, kind, attempt }: Job): TellJob {
  if (!observe) return () => {}
  const began = performance.now()
  let type = 'unknown'
  return (status, detail) => {
    const starts = status === 'started'
    if (starts) type = detail ?? type
    const ms = starts ? 0 : performance.now() - began
    const code = starts ? undefined : detail
    observe({ kind: 'job', jobId: id, connectorId, type, job: kind, attempt, status, ms, ...(code && { code }) })
  }
}
