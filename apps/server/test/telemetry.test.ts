import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
  readonly status: { readonly code?: number }
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] }
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[]
  }[]
}

const traceId = '0af7651916cd43dd8448eb211c80319c'

describe('telemetry', () => {
  let cx: Running
  let receiver: Server
  let connectorId: string
  let jobId: string
  const exports: Export[] = []
  const scrape = (key = cx.key) => fetch(`${cx.url}/metrics`, { headers: { Authorization: `Bearer ${key}` } })
  /** The value of one sample; its labels in any order. */
  const sample = (text: string, name: string, labels: Readonly<Record<string, string>> = {}) => {
    const line = text
      .split('\n')
      .find(
        (one) =>
          (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) &&
          Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
      )
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1))
  }

  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      expect(request.url).toBe('/v1/traces')
      exports.push((await json(request)) as Export)
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}')
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    const { port } = receiver.address() as AddressInfo
    cx = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_SERVICE_NAME: 'walrus' })
    await cx.host.ready
    await cx.write('walrus.md', '# Walrus\n\nA walrus has tusks.')
    await cx.write('broken.pdf', '%PDF-1.7 this is no document')
    const made = await cx.call(
      'POST',
      '/connectors',
      { name: 'w', type: 'filesystem', collection: 'telemetry', config: { root: cx.folder } },
      { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } },
    )
    connectorId = made.data.id
    const job = await cx.sync(connectorId)
    jobId = job.jobId
    expect(job.status).toBe('partial')
    await cx.call('POST', '/search', { query: 'walrus' })
    await cx.call('GET', '/connectors/conn_nope')
    await cx.call('GET', '/nothing/here')
  })
  afterAll(async () => {
    await cx?.close()
    receiver?.close()
  })

  test('metrics say what each stage did, and what failed why', async () => {
    const response = await scrape()
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    const type = 'filesystem'
    expect(sample(text, 'cx_stage_items_total', { type, stage: 'list' })).toBe(2)
    expect(sample(text, 'cx_stage_items_total', { type, stage: 'read' })).toBe(2)
    expect(sample(text, 'cx_stage_items_total', { type, stage: 'parse' })).toBe(2)
    expect(sample(text, 'cx_stage_items_total', { type, stage: 'index' })).toBe(2)
    expect(sample(text, 'cx_stage_bytes_total', { type, stage: 'read' })).toBe(57)
    expect(sample(text, 'cx_stage_failures_total', { type, stage: 'parse', code: 'corrupt' })).toBe(1)
    for (const stage of ['list', 'read', 'parse', 'index'])
      expect(sample(text, 'cx_stage_duration_seconds_sum', { type, stage }), stage).toBeGreaterThan(0)
    expect(sample(text, 'cx_jobs_total', { type, kind: 'sync', status: 'partial' })).toBe(1)
    expect(sample(text, 'cx_documents', { type, status: 'indexed' })).toBe(1)
    expect(sample(text, 'cx_documents', { type, status: 'failed' })).toBe(1)
    expect(sample(text, 'cx_jobs', { type, status: 'running' })).toBeUndefined()
    expect(sample(text, 'cx_search_duration_seconds_count', { mode: 'keyword', outcome: 'ok' })).toBe(1)
    const route = '/api/v1/connectors/{id}'
    expect(sample(text, 'cx_http_request_duration_seconds_count', { method: 'GET', route, status: '404' })).toBe(1)
    expect(sample(text, 'cx_http_request_duration_seconds_count', { route: '(unknown)', status: '404' })).toBe(1)
    expect(sample(text, 'cx_parser_queue')).toBe(0)
    expect(sample(text, 'cx_parser_busy')).toBe(0)
    expect(sample(text, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
    // As many series as there are routes and types, however many connectors and documents.
    for (const name of [connectorId, jobId, 'walrus', 'nothing/here']) expect(text).not.toContain(name)
  })

  test('metrics need a key that sees everything', async () => {
    expect((await fetch(`${cx.url}/metrics`)).status).toBe(401)
    const all = await cx.call('POST', '/api-keys', { name: 'prometheus', role: 'viewer' })
    expect((await scrape(all.data.key)).status).toBe(200)
    const some = await cx.call('POST', '/api-keys', { name: 's', role: 'admin', collections: ['telemetry'] })
    expect((await scrape(some.data.key)).status).toBe(403)
  })

  test('traces have spans of requests, and of jobs with their stages below', async () => {
    // Ends what is being sent.
    await cx.host.stop()
    const sent = exports.flatMap(({ resourceSpans }) => resourceSpans)
    const spans = sent.flatMap(({ scopeSpans }) => scopeSpans).flatMap((scope) => scope.spans)
    const attribute = ({ attributes }: { readonly attributes: Span['attributes'] }, key: string) =>
      Object.values(attributes.find((one) => one.key === key)?.value ?? {})[0]
    expect(attribute(sent[0]!.resource, 'service.name')).toBe('walrus')
    const created = spans.find(({ name }) => name === 'POST /api/v1/connectors')!
    expect(created).toMatchObject({ traceId, parentSpanId: 'b7ad6b7169203331' })
    expect(attribute(created, 'cx.request_id')).toMatch(/^req_/)
    const job = spans.find(({ name }) => name === 'job sync')!
    expect([attribute(job, 'cx.job_id'), attribute(job, 'cx.status')]).toEqual([jobId, 'partial'])
    const below = spans.filter(({ parentSpanId }) => parentSpanId === job.spanId)
    expect(below.map(({ name }) => name).sort()).toEqual(expect.arrayContaining(['index', 'list', 'parse', 'read']))
    expect(below.filter(({ name }) => name === 'read')).toHaveLength(2)
    const parses = below.filter(({ name }) => name === 'parse')
    expect(parses.map(({ status }) => status.code ?? 0).sort()).toEqual([0, 2])
    for (const span of spans)
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
  })
})
