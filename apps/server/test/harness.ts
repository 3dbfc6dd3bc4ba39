import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Resolver } from '../src/egress/guard.ts'
import { type Host, startHost } from '../src/index.ts'
import { readSettings } from '../src/settings.ts'

/** What the tests look at in an answer; the rest is compared with `toMatchObject`. */
export interface Row {
  readonly [field: string]: unknown
  readonly id: string
  readonly key: string
  readonly name: string
  readonly jobId: string
  readonly path: string
  readonly status: string
  readonly action: string
  readonly message: string
  readonly startedAt: string
  readonly completedAt: string
  readonly collection: string
  readonly config: Readonly<Record<string, unknown>>
  readonly entries: readonly Row[]
  readonly results: readonly Row[]
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly data: Row & readonly Row[]
  readonly meta: Readonly<Record<string, unknown>>
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details: readonly Row[]
    readonly retryAfter?: number
  }
}

export interface Running {
  readonly host: Host
  readonly url: string
  readonly key: string
  readonly folder: string
  call(
    method: string,
    path: string,
    body?: unknown,
    options?: { key?: string; headers?: Record<string, string> },
  ): Promise<Answer>
  /** Writes a file under the temporary folder. */
  write(path: string, content: string | Uint8Array): Promise<void>
  /** Syncs and waits for the end. */
  sync(connectorId: string, body?: unknown): Promise<Row>
  wait(connectorId: string, jobId: string): Promise<Row>
  restart(env?: Record<string, string>): Promise<void>
  close(): Promise<void>
}

const running = new Set(['queued', 'running'])

/** A host on a free port with its own data folder. */
export async function start(
  env: Record<string, string> = {},
  { resolve }: { readonly resolve?: Resolver } = {},
): Promise<Running> {
  const base = await mkdtemp(join(tmpdir(), 'cx-server-'))
  const folder = join(base, 'source')
  await mkdir(folder)
  const settings = (more: Record<string, string> = {}) =>
    readSettings({
      CX_PORT: '0',
      CX_DATA_DIR: join(base, 'data'),
      CX_LOG_LEVEL: 'error',
      CX_RATE_LIMIT: '0',
      CX_PARSE_WORKERS: '1',
      ...env,
      ...more,
    })
  // A connector of the tests keeps what it is asked in this thread.
  const own = env.CX_PLUGINS?.startsWith('@cx/') === false
  const overrides = { ...(resolve && { resolve }), ...(own && { jobs: 'here' as const }) }
  let host = await startHost(settings(), overrides)
  const key = env.CX_API_KEY ?? host.newKey ?? ''
  const call: Running['call'] = async (method, path, body, options = {}) => {
    const response = await fetch(`${host.url}${path.startsWith('/api/') ? path : `/api/v1${path}`}`, {
      method,
      headers: {
        Authorization: `Bearer ${options.key ?? key}`,
        ...(body !== undefined && !(body instanceof FormData) && { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(body !== undefined && {
        body: body instanceof FormData || typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    const answer = (await response.json()) as Omit<Answer, 'status' | 'headers'>
    return { status: response.status, headers: response.headers, ...answer }
  }
  const wait: Running['wait'] = async (connectorId, jobId) => {
    for (;;) {
      const { data } = await call('GET', `/connectors/${connectorId}/sync/${jobId}`)
      if (!running.has(data.status)) return data
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return {
    get host() {
      return host
    },
    get url() {
      return host.url
    },
    key,
    folder,
    call,
    wait,
    write: async (path, content) => {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    },
    sync: async (connectorId, body) => {
      const { data, status, error } = await call('POST', `/connectors/${connectorId}/sync`, body)
      if (status !== 202) throw new Error(`${status} ${JSON.stringify(error)}`)
      return wait(connectorId, data.jobId)
    },
    restart: async (more) => {
      await host.stop()
      host = await startHost(settings(more), overrides)
    },
    close: async () => {
      await host.stop()
      await rm(base, { recursive: true, force: true })
    },
  }
}
