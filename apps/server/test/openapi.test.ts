import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'walk', version: '1' } },
}

/** A request for every operation, in an order in which each has what it needs. `{…}` are filled from `ids`. */
const requests: readonly {
  readonly op: string
  readonly body?: object | FormData
  readonly query?: string
  readonly expected?: number
}[] = [
  { op: 'health' },
  { op: 'readiness' },
  { op: 'metrics' },
  { op: 'openapi' },
  { op: 'docs' },
  { op: 'home', expected: 302 },
  { op: 'listConnectorTypes' },
  { op: 'getConnectorType' },
  { op: 'createCollection', body: { name: 'walk', description: 'x' }, expected: 201 },
  { op: 'getCollection' },
  { op: 'listCollections' },
  { op: 'updateCollection', body: { description: 'y' } },
  { op: 'testCredentials', body: { type: 'filesystem', config: { root: '{folder}' } } },
  { op: 'previewConnector', body: { type: 'filesystem', config: { root: '{folder}' } } },
  {
    op: 'createConnector',
    body: { name: 'w', type: 'filesystem', collection: 'walk', config: { root: '{folder}' } },
    expected: 201,
  },
  { op: 'listConnectors' },
  { op: 'getConnector' },
  { op: 'updateConnector', body: { name: 'walker' } },
  { op: 'testConnector' },
  // A folder is not connected by OAuth; `oauth.test.ts` has those that are.
  { op: 'beginOAuth', body: { connectorId: '{connector}' }, expected: 422 },
  { op: 'oauthCallback', query: '?state=unknown', expected: 400 },
  { op: 'browseConnector' },
  { op: 'startSync', body: {}, expected: 202 },
  { op: 'followSync' },
  { op: 'getSync' },
  { op: 'listSyncs' },
  { op: 'listSyncFailures' },
  { op: 'retrySync', expected: 202 },
  { op: 'cancelSync', expected: 409 },
  { op: 'confirmSync', expected: 409 },
  { op: 'refreshPermissions', expected: 202 },
  { op: 'listDocuments' },
  { op: 'getDocument' },
  { op: 'getDocumentContent' },
  { op: 'listDocumentChunks' },
  { op: 'explainAccess', query: '?principal=ann@example.com' },
  { op: 'search', body: { query: 'walrus' } },
  { op: 'listFiles' },
  { op: 'uploadFiles', body: formOf('new.txt', 'text'), expected: 202 },
  { op: 'deleteFiles', body: { paths: ['new.txt'] }, expected: 202 },
  { op: 'deleteDocument' },
  { op: 'listApiKeys' },
  { op: 'createApiKey', body: { name: 'k', role: 'viewer' }, expected: 201 },
  { op: 'deleteApiKey' },
  { op: 'listAuditEvents' },
  { op: 'createWebhookSecret', expected: 422 },
  { op: 'takeWebhookSecret', expected: 404 },
  { op: 'receiveSourceWebhook', expected: 404 },
  { op: 'receiveSourceWebhookBelowBase', expected: 404 },
  { op: 'createWebhook', body: { url: 'http://127.0.0.1:9/', events: ['sync.completed'] }, expected: 201 },
  { op: 'listWebhooks' },
  { op: 'getWebhook' },
  { op: 'updateWebhook', body: { description: 'x' } },
  { op: 'testWebhook' },
  { op: 'listWebhookDeliveries' },
  { op: 'replayWebhookDelivery', expected: 202 },
  { op: 'deleteWebhook' },
  { op: 'mcp', body: initialize },
  { op: 'mcpStream', expected: 405 },
  { op: 'mcpEnd', expected: 405 },
  { op: 'deleteConnector' },
  { op: 'deleteCollection' },
]

function formOf(name: string, content: string): FormData {
  const form = new FormData()
  form.append('files', new Blob([content]), name)
  return form
}

describe('the OpenAPI document', () => {
  let cx: Running
  let document: Document
  const ids: Record<string, string> = { type: 'filesystem', provider: 'filesystem' }
  const ajv = new Ajv2020({ allErrors: true, strict: false })
  addFormats.default(ajv)

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    )
  const find = (op: string) => operations().find(({ operation }) => operation.operationId === op)!

  /** Sends it, and checks the answer against what is declared for its status. */
  const send = async (op: string, body?: object | FormData, query = '', headers: Record<string, string> = {}) => {
    const { path, method, operation } = find(op)
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === 'id' ? (ids[idOf(path)] ?? '') : (ids[name] ?? ''),
    )
    const response = await fetch(cx.url + filled + query, {
      method,
      redirect: 'manual',
      headers: {
        Authorization: `Bearer ${cx.key}`,
        ...(body && !(body instanceof FormData) && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body && {
        body:
          body instanceof FormData
            ? body
            : JSON.stringify(body)
                .replaceAll('{folder}', cx.folder)
                .replaceAll('{connector}', ids.connector ?? ''),
      }),
    })
    const declared = operation.responses[response.status]
    expect(declared, `${op} declares ${response.status}`).toBeDefined()
    expect(response.headers.get('x-request-id')).toMatch(/^req_/)
    if (!declared!.content) {
      expect(await response.text(), `${op} ${response.status} has no body`).toBe('')
      return { status: response.status, value: {} }
    }
    const type = response.headers.get('content-type')!.split(';')[0]!
    expect(Object.keys(declared!.content), op).toContain(type)
    const value: unknown = type === 'application/json' ? await response.json() : await response.text()
    const pointer = `api#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}/responses/${response.status}/content/${type.replaceAll('/', '~1')}/schema`
    const check = ajv.getSchema(encodeURI(pointer).replaceAll('%7B', '%7B'))!
    expect(check(value), `${op} ${response.status}: ${ajv.errorsText(check.errors)}`).toBe(true)
    return { status: response.status, value: value as { data?: Record<string, string> & Record<string, string>[] } }
  }
  const idOf = (path: string) =>
    ({ collections: 'collection', 'api-keys': 'apiKey', webhooks: 'webhook' })[path.split('/')[3] ?? ''] ?? 'connector'

  beforeAll(async () => {
    cx = await start()
    await cx.host.ready
    await cx.write('walrus.md', 'A walrus.')
    document = (await (await fetch(`${cx.url}/openapi.json`)).json()) as Document
    ajv.addSchema({ ...document, $id: 'api' })
  })
  afterAll(() => cx?.close())

  test('names every operation once, and the walk below leaves none out', () => {
    const declared = operations().map(({ operation }) => operation.operationId)
    expect(document.openapi).toBe('3.1.0')
    expect(new Set(declared).size).toBe(declared.length)
    expect(requests.map(({ op }) => op).sort()).toEqual(declared.sort())
    for (const { path, operation } of operations())
      expect((operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => `{${name}}`)).toEqual(
        path.match(/\{\w+\}/g) ?? [],
      )
  })

  test('every operation answers as it is declared', async () => {
    for (const { op, body, query, expected = 200 } of requests) {
      const { status, value } = await send(op, body, query)
      expect(status, op).toBe(expected)
      const { data } = value
      if (op === 'createCollection') ids.collection = data!.id!
      if (op === 'createConnector') Object.assign(ids, { connector: data!.id!, connectorId: data!.id! })
      if (op === 'createApiKey') ids.apiKey = data!.id!
      if (op === 'createWebhook') ids.webhook = data!.id!
      if (op === 'listWebhookDeliveries') ids.deliveryId = data![0]!.id!
      if (op === 'startSync') ids.jobId = data!.jobId!
      if (op === 'listDocuments') ids.documentId = data![0]!.id!
    }
  })

  test('every operation declares its errors: no key, unknown parameter, unknown id', async () => {
    Object.assign(ids, {
      connector: 'conn_nope',
      collection: 'col_nope',
      apiKey: 'key_nope',
      webhook: 'wh_nope',
      deliveryId: 'evt_nope',
      jobId: 'job_nope',
      documentId: 'doc_nope',
      type: 'nope',
    })
    for (const { op, body } of requests) {
      const { operation, path } = find(op)
      if (operation.security) continue
      expect((await send(op, undefined, '', { Authorization: '' })).status, op).toBe(401)
      expect((await send(op, body, '?colour=red')).status, op).toBe(400)
      const query = op === 'explainAccess' ? '?principal=x' : ''
      if (path.includes('{')) expect((await send(op, body, query)).status, op).toBe(404)
    }
  })

  test('the page shows every operation, without a script', async () => {
    const page = await (await fetch(`${cx.url}/docs`)).text()
    for (const { operation } of operations()) expect(page).toContain(`id="${operation.operationId}"`)
    expect(page).not.toMatch(/<script| src=| href="https?:|url\("/)
  })
})
