import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
/** What is published; `npx pnpm@10 test` builds it before the tests. */
export const builtCli: string = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

export interface ProcessAnswer {
  readonly status: number
  readonly body: string
  readonly data: Readonly<Record<string, unknown>> & { readonly [index: number]: Readonly<Record<string, unknown>> }
}

export interface ProcessHost {
  readonly url: string
  /** Everything it has written to stderr. */
  readonly log: () => string
  call(method: string, path: string, body?: unknown): Promise<ProcessAnswer>
  /** Sends the signal; says how it ended and after how long. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ readonly code: number | null; readonly ms: number }>
}

export interface ProcessEnv {
  readonly CX_DATA_DIR: string
  readonly CX_API_KEY: string
  readonly [name: string]: string
}

function spawnCx(env: ProcessEnv, args: readonly string[], cli = source): ChildProcess {
  return spawn(process.execPath, [...(cli === source ? ['--conditions=cx-source'] : []), cli, ...args], {
    env: { ...process.env, CX_LOG_LEVEL: 'warn', CX_URL: '', CX_PARSE_WORKERS: '1', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** One command of the real command line, to its end. */
export async function runCx(
  env: ProcessEnv,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawnCx(env, args)
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')])
  return { code: child.exitCode, out, err }
}

/** A host as a process of its own, on a free port; out of the source unless told. */
export async function startProcess(env: ProcessEnv, cli?: string): Promise<ProcessHost> {
  const child = spawnCx(env, ['serve', '--port', '0'], cli)
  const ended = once(child, 'exit')
  let log = ''
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    log += part
  })
  let url = ''
  for await (const line of createInterface({ input: child.stdout! })) {
    url = /listens on (\S+)/.exec(line)?.[1] ?? ''
    if (url) break
  }
  if (!url) throw new Error(`The host did not start: ${log}`)
  child.stdout!.resume()
  return {
    url,
    log: () => log,
    call: async (method, path, body) => {
      const response = await fetch(url + (path.startsWith('/api/') || path === '/metrics' ? path : `/api/v1${path}`), {
        method,
        headers: { Authorization: `Bearer ${env.CX_API_KEY}`, 'Content-Type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const answer = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json')
      const { data = {} } = isJson ? (JSON.parse(answer) as { data?: ProcessAnswer['data'] }) : {}
      return { status: response.status, body: answer, data }
    },
    end: async (signal) => {
      const began = performance.now()
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await ended
      return { code: child.exitCode, ms: performance.now() - began }
    },
  }
}

const running = new Set<unknown>(['queued', 'running'])

/** Asks for the job until `enough` says so, or it has ended. */
export async function watchJob(
  { call }: ProcessHost,
  connectorId: unknown,
  jobId: unknown,
  enough: (progress: Readonly<Record<string, number>>) => boolean = () => false,
): Promise<{ readonly status: string; readonly progress: Readonly<Record<string, number>> }> {
  for (;;) {
    const { data } = await call('GET', `/connectors/${connectorId}/sync/${jobId}`)
    const job = data as unknown as { status: string; progress: Record<string, number> }
    if (!running.has(job.status) || enough(job.progress)) return job
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
