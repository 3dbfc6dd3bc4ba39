import type { Store } from '@cx/store'
import type { Registry } from 'prom-client'
import type { ParserLoad } from '../jobs/jobs.ts'
import { loadedLater, type Observer } from './events.ts'

export interface Metrics {
  readonly observe: Observer
  /** Imports what makes the metrics. Call it once the host listens. */
  load(): Promise<void>
  /** Everything in Prometheus' text format. */
  render(): Promise<string>
}

export interface MetricsOptions {
  readonly store: () => Promise<Pick<Store, 'load'>>
  readonly parserLoad: () => Promise<ParserLoad>
}

const second = 1_000
const requestBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const stageBuckets = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const jobBuckets = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200]

/** Counts what the host tells of itself; what is stored and waits is read when it is asked for. */
export function createMetrics({ store, parserLoad }: MetricsOptions): Metrics {
  const later = loadedLater()
  let loading: Promise<{ readonly registry: Registry; refresh(): Promise<void> }> | undefined
  const load = () => {
    loading ??= import('prom-client').then(({ default: prometheus }) => {
      const registry = new prometheus.Registry()
      // The process itself, the lag of its event loop among it.
      prometheus.collectDefaultMetrics({ register: registry })
      later.use(counters(prometheus, registry))
      return { registry, refresh: gauges(prometheus, registry, { store, parserLoad }) }
    })
    return loading
  }
  return {
    observe: later.observe,
    load: async () => void (await load()),
    render: async () => {
      const { registry, refresh } = await load()
      await refresh()
      return registry.metrics()
    },
  }
}

type Prometheus = typeof import('prom-client')

function counters({ Counter, Histogram }: Prometheus, register: Registry): Observer {
  const registers = [register]
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers })
  const histogram = <const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: readonly number[],
  ) => new Histogram<L>({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers })

  const stage = ['type', 'stage'] as const
  const items = counter(
    'cx_stage_items_total',
    'Entries listed, documents read, parsed and written; each attempt counts.',
    stage,
  )
  const failures = counter('cx_stage_failures_total', 'What a stage could not do, or left out, and why.', [
    ...stage,
    'code',
  ])
  const bytes = counter('cx_stage_bytes_total', 'Content read and parsed.', stage)
  const durations = histogram(
    'cx_stage_duration_seconds',
    'A batch of a listing (waiting for the source), one read, one parse (with its wait for a thread), one write.',
    stage,
    stageBuckets,
  )
  const jobs = counter('cx_jobs_total', 'Jobs that ended here, by how; released ones go on after the next start.', [
    'type',
    'kind',
    'status',
    'code',
  ])
  const jobDurations = histogram(
    'cx_job_duration_seconds',
    'Jobs, while they ran here.',
    ['type', 'kind', 'status'],
    jobBuckets,
  )
  const requests = histogram(
    'cx_http_request_duration_seconds',
    'Requests, until the answer begins.',
    ['method', 'route', 'status'],
    requestBuckets,
  )
  const searches = histogram(
    'cx_search_duration_seconds',
    'Searches in the store.',
    ['mode', 'outcome'],
    requestBuckets,
  )

  return (event) => {
    switch (event.kind) {
      case 'stage': {
        const { type, stage, code } = event
        items.inc({ type, stage }, event.items)
        if (event.bytes > 0) bytes.inc({ type, stage }, event.bytes)
        if (event.ms > 0) durations.observe({ type, stage }, event.ms / second)
        if (code !== undefined) failures.inc({ type, stage, code })
        return
      }
      case 'job': {
        const { type, job: kind, status, code = '' } = event
        if (status === 'started') return
        jobs.inc({ type, kind, status, code })
        jobDurations.observe({ type, kind, status }, event.ms / second)
        return
      }
      case 'request':
        requests.observe({ method: event.method, route: event.route, status: String(event.status) }, event.ms / second)
        return
      case 'search':
        searches.observe({ mode: event.mode, outcome: event.failed ? 'failed' : 'ok' }, event.ms / second)
    }
  }
}

/** What is read when it is asked for: call the answer before each rendering. */
function gauges({ Gauge }: Prometheus, register: Registry, { store, parserLoad }: MetricsOptions): () => Promise<void> {
  const registers = [register]
  const documents = new Gauge({
    name: 'cx_documents',
    help: 'Documents by status.',
    labelNames: ['type', 'status'],
    registers,
  })
  const waiting = new Gauge({
    name: 'cx_jobs',
    help: 'Jobs that wait or run, in all processes.',
    labelNames: ['type', 'status'],
    registers,
  })
  const oldest = new Gauge({
    name: 'cx_oldest_job_age_seconds',
    help: 'Since the oldest job that waits or runs was accepted.',
    labelNames: ['type', 'status'],
    registers,
  })
  const queued = new Gauge({ name: 'cx_parser_queue', help: 'Documents that wait for a parser thread.', registers })
  const queuedBytes = new Gauge({ name: 'cx_parser_queue_bytes', help: 'Bytes of those.', registers })
  const busy = new Gauge({ name: 'cx_parser_busy', help: 'Parser threads at work.', registers })
  return async () => {
    const [load, pool] = await Promise.all([store().then((it) => it.load()), parserLoad()])
    for (const gauge of [documents, waiting, oldest]) gauge.reset()
    for (const { type, status, documents: count } of load.documents) documents.set({ type, status }, count)
    for (const { type, status, jobs, oldest: since } of load.jobs) {
      waiting.set({ type, status }, jobs)
      oldest.set({ type, status }, Math.max(0, Date.now() - since) / second)
    }
    queued.set(pool.queued)
    queuedBytes.set(pool.queuedBytes)
    busy.set(pool.busy)
  }
}
