import type { Context, Span, Tracer } from '@opentelemetry/api'
import { type HostEvent, loadedLater, type Observer } from './events.ts'

export interface Traces {
  readonly observe: Observer
  /** Imports OpenTelemetry. Call it once the host listens. */
  load(): Promise<void>
  /** Sends what is left, for at most two seconds. */
  stop(): Promise<void>
}

const flushMs = 2_000

/**
 * Sends spans of requests, jobs and their stages to an OTLP/HTTP endpoint. Spans are made after the fact, from what
 * the host tells of itself: nothing of OpenTelemetry is in the way of the work.
 */
export function createTraces(url: string, serviceName: string): Traces {
  const later = loadedLater()
  let loading: Promise<{ shutdown(): Promise<void> }> | undefined
  const load = async () => {
    const [api, { BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
      await Promise.all([
        import('@opentelemetry/api'),
        import('@opentelemetry/sdk-trace'),
        import('@opentelemetry/exporter-trace-otlp-http'),
        import('@opentelemetry/resources'),
      ])
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': serviceName }),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
    })
    later.use(spans(api, provider.getTracer('cx')))
    return provider
  }
  return {
    observe: later.observe,
    load: async () => {
      loading ??= load()
      await loading
    },
    stop: async () => {
      const provider = await loading?.catch(() => undefined)
      if (!provider) return
      const late = new Promise<void>((resolve) => setTimeout(resolve, flushMs).unref())
      await Promise.race([provider.shutdown().catch(() => {}), late])
    },
  }
}

type Api = typeof import('@opentelemetry/api')

function spans({ ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags }: Api, tracer: Tracer): Observer {
  const jobs = new Map<string, Span>()
  const fail = (span: Span, message: string) => span.setStatus({ code: SpanStatusCode.ERROR, message })

  const remote = (traceparent: string | undefined): Context => {
    const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? []
    if (!traceId || !spanId) return ROOT_CONTEXT
    const traceFlags = Number.parseInt(flags!, 16) & TraceFlags.SAMPLED
    return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
  }

  const request = (event: Extract<HostEvent, { kind: 'request' }>) => {
    const ended = Date.now()
    const { method, route, status, requestId, operation } = event
    const span = tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        startTime: ended - event.ms,
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
          'cx.request_id': requestId,
          'cx.operation': operation,
        },
      },
      remote(event.traceparent),
    )
    if (status >= 500) fail(span, String(status))
    span.end(ended)
  }

  const job = ({ jobId, connectorId, type, job, attempt, status, code }: Extract<HostEvent, { kind: 'job' }>) => {
    if (status === 'started') {
      const attributes = { 'cx.job_id': jobId, 'cx.connector_id': connectorId, 'cx.type': type, 'cx.attempt': attempt }
      jobs.set(jobId, tracer.startSpan(`job ${job}`, { attributes }, ROOT_CONTEXT))
      return
    }
    const span = jobs.get(jobId)
    jobs.delete(jobId)
    span?.setAttribute('cx.status', status)
    if (span && status === 'failed') fail(span, code ?? status)
    span?.end()
  }

  const stage = (event: Extract<HostEvent, { kind: 'stage' }>) => {
    const parent = jobs.get(event.jobId)
    const ended = Date.now()
    const span = tracer.startSpan(
      event.stage,
      {
        startTime: ended - event.ms,
        attributes: {
          'cx.job_id': event.jobId,
          'cx.connector_id': event.connectorId,
          'cx.type': event.type,
          'cx.items': event.items,
          'cx.bytes': event.bytes,
        },
      },
      parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
    )
    if (event.code !== undefined) fail(span, event.code)
    span.end(ended)
  }

  return (event) => {
    if (event.kind === 'request') request(event)
    else if (event.kind === 'job') job(event)
    else if (event.kind === 'stage') stage(event)
  }
}
