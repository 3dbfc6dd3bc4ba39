import { resolve } from 'node:path'
import { keyFileOf, readKey } from '../bootstrap.ts'

/** A failure the server answered with, or no answer at all. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly details: unknown

  constructor(code: string, message: string, details?: unknown) {
    super(message)
    this.code = code
    this.details = details
  }
}

export interface ConnectionOptions {
  readonly url?: string
  readonly key?: string
}

/** Asks a running host. */
export interface CliClient {
  readonly url: string
  /** The whole envelope of a JSON answer. @throws CliError */
  call<T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ readonly data: T; readonly meta: Readonly<Record<string, unknown>> }>
}

/** Finds the host and the key: options, environment, then what the data folder of this machine keeps. */
export async function connect({ url, key }: ConnectionOptions): Promise<CliClient> {
  const { CX_URL, CX_PUBLIC_URL, CX_HOST, CX_PORT, CX_API_KEY, CX_DATA_DIR } = process.env
  // Set but empty is as good as not set.
  const host = !CX_HOST || CX_HOST === '0.0.0.0' ? '127.0.0.1' : CX_HOST
  const base = (url || CX_URL || CX_PUBLIC_URL || `http://${host}:${CX_PORT || 8080}`).replace(/\/+$/, '')
  const dataDir = resolve(CX_DATA_DIR || 'data')
  const secret = key || CX_API_KEY || (await readKey(keyFileOf(dataDir)))
  if (!secret)
    throw new CliError(
      'no_key',
      `No API key: set CX_API_KEY, or run this where the server keeps its data (${dataDir}).`,
    )
  return {
    url: base,
    call: async (method, path, body) => {
      const response = await reach(base, () =>
        fetch(`${base}/api/v1${path}`, {
          method,
          headers: {
            Authorization: `Bearer ${secret}`,
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
      )
      const answer = (await response.json().catch(() => undefined)) as Envelope | undefined
      if (response.ok && answer?.data !== undefined) return { data: answer.data as never, meta: answer.meta ?? {} }
      throw new CliError(
        answer?.error?.code ?? 'no_answer',
        answer?.error?.message ?? `${base} answered ${response.status}, but not as a cx server does.`,
        answer?.error?.details,
      )
    },
  }
}

interface Envelope {
  readonly data?: unknown
  readonly meta?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown }
}

async function reach<T>(base: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause?.code
    throw new CliError(
      'unreachable',
      `No cx server answers at ${base}${cause ? ` (${cause})` : ''}. Start one with "cx serve", or name another with --url.`,
    )
  }
}
