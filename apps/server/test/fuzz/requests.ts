import fc from 'fast-check'
import { type Body, formBody, jsonBody } from './bodies.ts'
import { fromSchema, type Hints, oddText, type Schema } from './values.ts'

// Requests made from what the OpenAPI document says of an operation.

export interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}

export interface Declared {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/** A request as it goes over the wire. */
export interface Wire {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** What ids and keys stand for when the request is sent: they change while the run goes on. */
export interface Plan {
  readonly method: string
  readonly path: readonly string[]
  readonly query: string
  readonly key: 'admin' | 'viewer' | 'none' | 'odd'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body | undefined
}

const oddSegment = fc.oneof(
  fc.constantFrom(
    '%00',
    '%ff',
    '%zz',
    '%',
    '%2e%2e',
    '%2e%2e%2f%2e%2e',
    '..',
    '.',
    '',
    '%20',
    '__proto__',
    'constructor',
    'conn_',
    'job_00000000000000000000000000',
    '%F0%9F%98%80',
    '*',
    '{id}',
    ';a=b',
    'a:b',
    'test',
    'x'.repeat(3000),
  ),
  oddText.map((text) => encodeURIComponent(text.slice(0, 500).toWellFormed())),
)

/** A segment of the path: itself, or what to do for a parameter; `{name}` is filled when it is sent. */
function segment(part: string): fc.Arbitrary<string> {
  if (!part.startsWith('{')) return fc.constant(part)
  return fc.oneof(
    { weight: 14, arbitrary: fc.constant(part) },
    { weight: 1, arbitrary: fc.constantFrom('{id}', '{jobId}', '{documentId}') },
    { weight: 3, arbitrary: oddSegment },
  )
}

function queryOf({ parameters = [] }: Operation, hints: Hints): fc.Arbitrary<string> {
  const known = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) =>
      fc
        .option(fromSchema(schema, hints, name), { nil: undefined, freq: name === 'principal' ? 4 : 1 })
        .map((value) => (value === undefined ? [] : [`${name}=${encode(value)}`])),
    )
  const odd = fc.oneof(
    { weight: 12, arbitrary: fc.constant<string[]>([]) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ['__proto__=1'],
        ['constructor[prototype][polluted]=1'],
        ['limit'],
        ['limit=1', 'limit=2'],
        ['%zz=%'],
        ['=', '&', '?'],
        ['limit[]=1'],
        ['page=1', 'cursor=x'],
        ['cursor=e30.AAAAAAAAAAAAAAAA'],
        [`cursor=${'a.'.repeat(1000)}`],
        Array.from({ length: 300 }, (_, i) => `p${i}=1`),
        [`x=${'y'.repeat(8000)}`],
      ),
    },
  )
  return fc.tuple(fc.tuple(...known), odd).map(([given, more]) => [...given.flat(), ...more].join('&'))
}

function encode(value: unknown): string {
  return encodeURIComponent(
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, 9000).toWellFormed(),
  )
}

const headers: fc.Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  {
    weight: 6,
    arbitrary: fc.oneof(
      fc
        .constantFrom('once', 'twice', 'x'.repeat(255), 'x'.repeat(256), '', '\u00ff', 'a b')
        .map((key) => ({ 'Idempotency-Key': key })),
      fc.uuid().map((key) => ({ 'Idempotency-Key': key })),
      fc.constantFrom('0', '1', '999999999999999', '-1', '1e3', '', 'x').map((id) => ({ 'Last-Event-ID': id })),
      fc.constantFrom<Record<string, string>>(
        { Accept: 'image/png' },
        { Expect: '100-continue' },
        { 'Content-Encoding': 'gzip' },
        { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'javascript' },
        { 'X-HTTP-Method-Override': 'DELETE' },
        { Host: 'evil.example:99999' },
        { Host: '' },
        { Host: 'a b' },
        { Range: 'bytes=0-18446744073709551615' },
        { 'If-None-Match': '*' },
        { Cookie: 'a=b; __proto__=c' },
        { 'Accept-Encoding': 'br;q=nan, *' },
        { Origin: 'null' },
        { 'X-Long': 'x'.repeat(10_000) },
        { 'Transfer-Encoding': 'chunked' },
      ),
    ),
  },
)

const key = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Plan['key']>('admin') },
  { weight: 3, arbitrary: fc.constantFrom<Plan['key']>('viewer', 'none', 'odd') },
)

/** Requests to one operation. */
export function requestsTo({ method, path, operation }: Declared, hints: Hints): fc.Arbitrary<Plan> {
  const content = operation.requestBody?.content
  const json = content?.['application/json']?.schema
  const body = content?.['multipart/form-data']
    ? formBody
    : json
      ? jsonBody(fromSchema(json, hints).map(tame(operation.operationId, hints)))
      : fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: jsonBody(oddText) })
  return fc.record({
    method: fc.oneof(
      { weight: 60, arbitrary: fc.constant(method) },
      { weight: 1, arbitrary: fc.constantFrom('PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'PUT') },
    ),
    path: fc.tuple(...path.split('/').map(segment)),
    query: queryOf(operation, hints),
    key,
    headers,
    body,
  })
}

/**
 * What must not be left to chance: a folder outside the test's own, which would be listed and emptied, and a bucket that is
 * asked, which would be on another machine.
 */
function tame(operationId: string, hints: Hints): (body: unknown) => unknown {
  const folder = String(hints.root![0])
  const asks = operationId === 'testCredentials' || operationId === 'previewConnector'
  const walk = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(walk)
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => {
        if (name === 'root' && typeof child === 'string' && !hints.root!.includes(child))
          return [name, `${folder}/nowhere/${child.replaceAll(/[./\\]/g, '_')}`]
        return [name, name === 'type' && child === 's3' && asks ? 'filesystem' : walk(child)]
      }),
    )
  }
  return walk
}
