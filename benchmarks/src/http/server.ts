import { type ChildProcess, spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../measure.ts'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))
const cli = join(root, 'apps/server/dist/cli.js')
const key = 'cx_benchmark-key-0123456789'
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

export interface Running {
  readonly process: ChildProcess
  readonly port: number
  readonly startedMs: number
}

/** The built server, as people run it. */
export async function startServer(dataDir: string): Promise<Running> {
  const port = await freePort()
  const env = { ...process.env, CX_API_KEY: key, CX_RATE_LIMIT: '0', CX_LOG_LEVEL: 'warn' }
  return started([cli, 'serve', '--port', String(port), '--data-dir', dataDir], port, env)
}

/** A module of ours that serves the port it is given last. */
export async function startModule(file: string, ...args: readonly string[]): Promise<Running> {
  const port = await freePort()
  return started(['--conditions=cx-source', file, ...args, String(port)], port, process.env)
}

async function started(args: readonly string[], port: number, env: NodeJS.ProcessEnv): Promise<Running> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`)
    return ask(port, '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    )
  }, 2)
  return { process: child, port, startedMs: performance.now() - began }
}

export async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Shown {
  readonly id?: string
  readonly path?: string
}

export interface Answer {
  readonly status: number
  readonly ms: number
  readonly body: {
    readonly data?: readonly Shown[] & {
      readonly id?: string
      readonly jobId?: string
      readonly status?: string
      readonly results?: readonly Shown[]
    }
    readonly rows?: readonly Shown[]
  }
}

/** Until the last byte; reading the JSON is not measured. */
export function ask(port: number, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = {
      Authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    }
    const sent = request(
      { agent, port, host: '127.0.0.1', path, method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        let text = ''
        response.on('data', (data) => (text += data))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            ms: performance.now() - began,
            body: JSON.parse(text) as Answer['body'],
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
