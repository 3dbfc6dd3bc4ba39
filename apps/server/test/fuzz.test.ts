import { readdir } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { dirname, join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Declared, type Operation, type Plan, requestsTo } from './fuzz/requests.ts'
import { difference, openState, type State } from './fuzz/state.ts'
import type { Hints } from './fuzz/values.ts'
import { type Running, start } from './harness.ts'

/** Another seed, or more runs, for a longer look: CX_FUZZ_SEED, CX_FUZZ_RUNS. */
const seed = Number(process.env.CX_FUZZ_SEED ?? 20_261_123)
const runsEach = Number(process.env.CX_FUZZ_RUNS ?? 72)
const hangMs = 10_000

interface Answer {
  readonly status: number
  readonly type: string
  readonly requestId: string | undefined
  readonly text: string
}

describe('every operation, fuzzed', () => {
  let cx: Running
  let state: State
  let base: string
  let declared: readonly Declared[]
  let isError: ValidateFunction
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ids: Record<string, string> = { type: 'filesystem', provider: 'filesystem' }

  /** Brings back what the requests before may have taken away, so that the next has something to work on. */
  const seedAgain = async () => {
    if ((await cx.call('GET', `/collections/${ids.collection}`)).status !== 200)
      ids.collection = (await cx.call('POST', '/collections', { name: `seed ${Date.now()}` })).data.id
    const connector = await cx.call('GET', `/connectors/${ids.connector}`)
    if (connector.status !== 200) {
      const body = { name: 'seed', type: 'filesystem', collection: ids.collection, config: { root: cx.folder } }
      ids.connector = (await cx.call('POST', '/connectors', body)).data.id
    } else if (!connector.data.enabled || connector.data.config.root !== cx.folder)
      await cx.call('PUT', `/connectors/${ids.connector}`, { enabled: true, config: { root: cx.folder } })
    await cx.write('seed/a.md', '# A\n\nwalrus')
    await cx.write('seed/b.txt', 'walrus and whale')
    const { data } = await cx.call('GET', `/connectors/${ids.connector}/documents?status=indexed`)
    ids.documentId = data.find(({ path }) => path === 'seed/a.md')?.id ?? ''
    if (!ids.documentId) {
      ids.jobId = (await cx.sync(ids.connector!, { sync_mode: 'full' })).jobId
      ids.documentId = (await cx.call('GET', `/connectors/${ids.connector}/documents?path=seed/a.md`)).data[0]!.id
    }
    ids.connectorId = ids.connector!
    // It is told of nothing that happens here, and nobody listens there.
    if (!ids.webhook || (await cx.call('GET', `/webhooks/${ids.webhook}`)).status !== 200) {
      const webhook = { url: 'http://127.0.0.1:9/', events: ['connector.error'] }
      ids.webhook = (await cx.call('POST', '/webhooks', webhook)).data.id
      ids.deliveryId = String((await cx.call('POST', `/webhooks/${ids.webhook}/test`)).data.deliveryId)
    }
    const viewer = { name: 'fuzz', role: 'viewer', collections: [ids.collection], scopes: ['search:all'] }
    const made = await cx.call('POST', '/api-keys', viewer)
    Object.assign(ids, { apiKey: made.data.id, viewer: made.data.key })
  }

  beforeAll(async () => {
    cx = await start({ CX_LOG_LEVEL: 'silent' })
    await cx.host.ready
    base = dirname(cx.folder)
    await seedAgain()
    state = openState(join(base, 'data', 'cx.sqlite'))
    const document = (await (await fetch(`${cx.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, Operation>>
      components: object
    }
    declared = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
    )
    ajv.addSchema({ ...document, $id: 'api' })
    isError = ajv.compile({ $ref: 'api#/components/schemas/Error' })
  })
  afterAll(async () => {
    agent.destroy()
    state?.close()
    await cx?.close()
  })

  const send = ({ method, path, query, key, headers, body }: Plan, pattern: string): Promise<Answer> => {
    const kind = { collections: 'collection', 'api-keys': 'apiKey', webhooks: 'webhook' }[pattern.split('/')[3] ?? '']
    const id = ids[kind ?? 'connector']
    const target = path
      .map((part) => (part === '{id}' ? id : part.replace(/^\{(\w+)\}$/, (_, name) => ids[name] ?? '')))
      .join('/')
    const bearer = { admin: `Bearer ${cx.key}`, viewer: `bearer  ${ids.viewer}`, odd: 'Basic Og==', none: undefined }[
      key
    ]
    return new Promise((resolve, reject) => {
      const sent = request(
        `${cx.url}`,
        {
          agent,
          method,
          path: `${target || '/'}${query && `?${query}`}`,
          headers: {
            ...(bearer && { Authorization: bearer }),
            ...(body?.contentType && { 'Content-Type': body.contentType }),
            ...(body && headers['Transfer-Encoding'] === undefined && { 'Content-Length': body.bytes.length }),
            ...headers,
          },
          signal: AbortSignal.timeout(hangMs),
        },
        async (response) => {
          const type = response.headers['content-type']?.split(';')[0] ?? ''
          const requestId = response.headers['x-request-id'] as string | undefined
          try {
            const text = Buffer.concat(await Array.fromAsync(response)).toString()
            resolve({ status: response.statusCode!, type, requestId, text })
          } catch (error) {
            reject(error)
          }
        },
      )
      sent.on('error', reject)
      sent.end(body?.bytes)
    })
  }

  const settled = async () => {
    const end = Date.now() + hangMs
    while (state.unfinished() > 0) {
      if (Date.now() > end) throw new Error('A job that a request started does not end.')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  const judge = (plan: Plan, { operation, method, path }: Declared, { status, type, requestId, text }: Answer) => {
    if (status >= 500) throw new Error(`answered ${status}: ${text.slice(0, 500)}`)
    if (!/^req_\w+$/.test(requestId ?? ''))
      throw new Error(`answered ${status} without a request id: ${text.slice(0, 500)}`)
    // HEAD is GET without a body.
    if (plan.method === 'HEAD') return
    const asDeclared = plan.method === method && plan.path.every((part) => part !== '' && !part.startsWith('.'))
    const declared = operation.responses[status]
    if (asDeclared && declared && !declared.content) {
      if (text !== '') throw new Error(`answered ${status} with a body, where none is declared: ${text.slice(0, 500)}`)
      return
    }
    const content = declared?.content ?? {}
    if (asDeclared && !Object.hasOwn(content, type))
      throw new Error(`answered ${status} ${type}, which it does not declare: ${text.slice(0, 500)}`)
    if (status >= 400 && /\bat .+:\d+:\d+|node_modules/.test(text))
      throw new Error(`shows its stack: ${text.slice(0, 500)}`)
    const value: unknown = type === 'application/json' ? JSON.parse(text) : text
    // Where another address was asked than was meant, what is declared for this one says nothing.
    if (!asDeclared) {
      if (status >= 400 && type === 'application/json' && !isError(value) && !plan.path.includes('mcp'))
        throw new Error(`answered ${status} in no error envelope: ${text.slice(0, 500)}`)
    } else {
      const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', type, 'schema']
        .map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
        .join('/')
      const check = ajv.getSchema(`api#/${pointer}`)!
      if (!check(value))
        throw new Error(`answered ${status} not as declared: ${ajv.errorsText(check.errors)} ${text.slice(0, 500)}`)
    }
    if (Object.hasOwn(Object.prototype, 'polluted')) throw new Error('changed the prototype of all objects')
  }

  test(
    'no fault of the server, no hang, no odd envelope, and a refused request changes nothing',
    async () => {
      const hints: Hints = {
        root: [cx.folder, join(cx.folder, 'seed'), join(cx.folder, 'nowhere')],
        type: ['filesystem', 's3'],
        collection: ['seed', ids.collection!],
        config: [{ root: cx.folder }, { root: join(cx.folder, 'seed'), include: ['**/*.md'] }, { root: null }, {}],
        schedule: [null, '0 3 1 1 *'],
        timezone: ['UTC', 'Europe/Berlin'],
        path: ['seed/', 'seed/a.md', '', 'nowhere/'],
        paths: [['seed/b.txt'], ['seed/'], ['nowhere']],
        file_filter: [['seed/a.md'], ['seed/'], ['nowhere'], []],
        collections: [[ids.collection!], null],
        url: ['http://127.0.0.1:9/'],
        events: [['connector.error']],
        provider: ['filesystem'],
        connectorId: [ids.connector!],
        query: ['walrus', '"walrus and"', '-walrus', 'wal*'],
        principal: ['ann@example.com', 'anyone'],
      }
      const faults: string[] = []
      const statuses = new Map<number, number>()
      let sent = 0
      let compared = 0
      let noticed = 0
      for (const one of declared) {
        await seedAgain()
        await settled()
        let known = { version: state.version(), rows: state.dump() }
        const property = fc.asyncProperty(requestsTo(one, hints), async (plan) => {
          sent += 1
          const answer = await send(plan, one.path)
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
          judge(plan, one, answer)
          if (answer.status < 400) {
            await settled()
            if (plan.method === 'DELETE' && answer.status === 200) await seedAgain()
          } else compared += 1
          const version = state.version()
          if (version === known.version) return
          const rows = state.dump()
          // Files that arrived before the fault are at the source, so they belong into the index.
          const isUpload = one.operation.operationId === 'uploadFiles'
          const changed = difference(known.rows, rows)
          known = { version, rows }
          if (answer.status < 400 && changed.length > 0) noticed += 1
          if (answer.status >= 400 && !isUpload && changed.length > 0)
            throw new Error(`answered ${answer.status}, and yet changed:\n${changed.join('\n')}`)
        })
        const result = await fc.check(property, { seed, numRuns: runsEach, endOnFailure: true })
        if (result.failed)
          faults.push(
            `${one.operation.operationId}: ${result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance)}\n${fc.stringify(result.counterexample).slice(0, 1500)}`,
          )
      }
      if (process.env.CX_FUZZ_REPORT) console.log({ sent, compared, noticed, statuses: Object.fromEntries(statuses) })
      expect(faults).toEqual([])
      expect(sent).toBe(declared.length * runsEach)
      // Requests that were all refused at the door would prove little.
      const good = [...statuses].reduce((sum, [status, count]) => sum + (status < 300 ? count : 0), 0)
      expect(good / sent).toBeGreaterThan(0.2)
      // What was accepted shows in the rows, so what is refused would as well.
      expect(noticed).toBeGreaterThan(100)
      // Nothing was written outside the folder of the connector.
      expect((await readdir(base)).sort()).toEqual(['data', 'source'])
    },
    Math.max(120_000, runsEach * 3_000),
  )
})
