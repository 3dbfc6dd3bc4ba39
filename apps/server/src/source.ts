import { isConnectorError, type Json, type Run, type SourceConnector } from '@cx/core'
import { abortable } from '@cx/core/engine'
import type { Connector } from '@cx/store'
import { wholeConfig } from './config-secrets.ts'
import { EgressError } from './egress/policy.ts'
import { ApiError, conflict } from './http/errors.ts'
import type { Services } from './services.ts'

type Values = Readonly<Record<string, Json>>

/** What to connect to: an existing connector with its stored credentials, or settings that are being tried. */
export interface Target {
  readonly plugin: SourceConnector
  readonly config: Values
  readonly connectorId?: string
  readonly credentials?: Values
}

/** A session for one request of the host itself. */
export interface Source {
  readonly plugin: SourceConnector
  readonly session: unknown
  readonly run: Run<Values>
}

/** The plugin and configuration of an existing connector. @throws ApiError when its plugin is not loaded. */
export async function targetOf({ plugins, vault }: Services, connector: Connector): Promise<Target> {
  const { id, type } = connector
  const plugin = await plugins.get(type)
  if (!plugin)
    throw new ApiError(
      'unsupported_operation',
      `The plugin for "${type}" is not loaded. Install it and name it in CX_PLUGINS.`,
    )
  return { plugin, config: await wholeConfig(vault, connector), connectorId: id }
}

/**
 * Connects, uses the session and closes it. What comes back must be plain data: secrets in it are masked. Ends when the signal aborts, whatever the source does.
 * The source's errors are thrown as they are; {@link asApiError} makes answers of them.
 */
export async function withSource<T>(
  { engine }: Services,
  { plugin, ...target }: Target,
  signal: AbortSignal,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const running = await engine()
  const opened = await running.open({ connector: plugin, signal, ...target })
  try {
    const result = await abortable(use({ plugin, session: opened.session, run: opened.run }), signal)
    return opened.redactor.value(result)
  } catch (error) {
    if (error instanceof Error) error.message = opened.redactor.text(error.message)
    if (isSourceError(error) && error.remediation) error.remediation = opened.redactor.text(error.remediation)
    throw error
  } finally {
    await opened.close()
  }
}

/** {@link withSource} for routes: what the source says becomes an answer of the API. */
export async function askSource<T>(
  services: Services,
  connector: Connector,
  request: Request,
  timeoutMs: number,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const target = await targetOf(services, connector)
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)])
  try {
    return await withSource(services, target, signal, use)
  } catch (error) {
    throw asApiError(error, target.plugin.title)
  }
}

/** Says in the API's terms what a connector says in its own. Other errors pass. */
export function asApiError(error: unknown, title: string): unknown {
  if (error instanceof ApiError) return error
  if ((error as { name?: unknown } | null)?.name === 'TimeoutError')
    return new ApiError('unavailable', `${title} did not answer in time. Try again later.`, { retryAfter: 10 })
  if (!isSourceError(error)) return error
  const message = [`${title}: ${error.message}`, error.remediation].filter(Boolean).join(' ')
  switch (error.code) {
    case 'unauthenticated':
      return conflict('reauthorization_required', message)
    case 'misconfigured':
    case 'egress_denied':
      return conflict(error.code, message)
    case 'forbidden':
      return new ApiError('forbidden', message)
    case 'not_found':
      return new ApiError('not_found', message)
    case 'rate_limited':
    case 'unavailable':
      return new ApiError('unavailable', message, { retryAfter: Math.ceil((error.retryAfterMs ?? 10_000) / 1000) })
    default:
      return new ApiError('unsupported_operation', message)
  }
}

interface SourceError {
  readonly code: string
  readonly message: string
  remediation?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/** A connector's own error, the engine's word on one, or an address that may not be connected to. */
export function isSourceError(error: unknown): error is SourceError {
  return (
    isConnectorError(error) || error instanceof EgressError || (error as { name?: unknown } | null)?.name === 'RunError'
  )
}
