import type { BrowseItem, CapabilityCheck, Entry, Json } from '@cx/core'
import { iterate, validateConfig, validateCredentials } from '@cx/core/engine'
import { checkNew } from './connectors.ts'
import { isCheckpoint } from './files.ts'
import type { Detail } from './http/errors.ts'
import { invalid } from './http/errors.ts'
import type { Services } from './services.ts'
import { asApiError, isSourceError, type Source, type Target, withSource } from './source.ts'

const timeoutMs = 30_000
const previewEntries = 100

type Values = Readonly<Record<string, Json>>

export interface Trial {
  readonly type: string
  readonly config: Readonly<Record<string, unknown>>
  readonly credentials?: Readonly<Record<string, unknown>>
}

/** What is wrong with settings that are to be tried. */
export function checkTrial(services: Services, body: unknown): Promise<readonly Detail[]> {
  return checkNew(services, body)
}

/** Checked settings as something to connect to. */
export async function trialTarget({ plugins }: Services, { type, config, credentials }: Trial): Promise<Target> {
  const plugin = (await plugins.get(type))!
  const checked = validateConfig(plugin, config)
  const proof = validateCredentials(plugin, credentials)
  const problems = [
    ...(checked.ok ? [] : checked.errors.map(({ path, message }) => ({ path: `/config${path}`, message }))),
    ...(proof.ok ? [] : proof.errors.map(({ path, message }) => ({ path: `/credentials${path}`, message }))),
  ]
  if (!checked.ok || !proof.ok) throw invalid(problems)
  return { plugin, config: checked.value, credentials: { ...proof.value.value, method: proof.value.method } as Values }
}

export interface TestResult {
  readonly success: boolean
  readonly account?: string
  readonly message: string
  readonly latencyMs: number
  readonly checks: readonly CapabilityCheck[]
}

/** Connects and checks. What the source refuses is a result, not an error. */
export async function testSource(services: Services, target: Target, clientSignal: AbortSignal): Promise<TestResult> {
  const began = performance.now()
  const latencyMs = () => Math.round(performance.now() - began)
  const signal = AbortSignal.any([clientSignal, AbortSignal.timeout(timeoutMs)])
  try {
    const { account, checks = [] } = await withSource(services, target, signal, ({ plugin, session, run }) =>
      plugin.check(session, run),
    )
    const failed = checks.filter(({ status }) => status === 'failed')
    const message =
      failed.length === 0
        ? `Connected as ${account}.`
        : `Connected as ${account}, but ${failed.map((check) => check.message).join(' ')}`
    return {
      success: failed.length === 0,
      account,
      message,
      latencyMs: latencyMs(),
      checks: [{ capability: 'connect', status: 'ok', message: `Connected as ${account}.` }, ...checks],
    }
  } catch (error) {
    const { message, remediation } = explain(error, target)
    return {
      success: false,
      message,
      latencyMs: latencyMs(),
      checks: [{ capability: 'connect', status: 'failed', message, ...(remediation && { remediation }) }],
    }
  }
}

function explain(
  error: unknown,
  { plugin }: Target,
): { readonly message: string; readonly remediation?: string | undefined } {
  if (isSourceError(error)) return { message: error.message, remediation: error.remediation }
  if ((error as { name?: unknown } | null)?.name === 'TimeoutError')
    return {
      message: `${plugin.title} did not answer within ${timeoutMs / 1000} seconds.`,
      remediation: 'Check the address, and that this machine can reach it.',
    }
  throw error
}

/** What a sync would take and leave, from the first entries of a real listing. */
export async function preview(services: Services, target: Target, clientSignal: AbortSignal): Promise<unknown> {
  const signal = AbortSignal.any([clientSignal, AbortSignal.timeout(timeoutMs)])
  try {
    return await withSource(services, target, signal, async ({ plugin, session, run }) => {
      const entries: Entry[] = []
      const unreadable: { path: string; message: string }[] = []
      const noteUnreadable = (path: string, error: unknown) => {
        if (unreadable.length < previewEntries)
          unreadable.push({ path, message: error instanceof Error ? error.message : String(error) })
      }
      for await (const item of iterate(plugin.list(session, { ...run, unreadable: noteUnreadable }), run.signal)) {
        if (isCheckpoint(item)) continue
        if (entries.length === previewEntries) return { entries: entries.map(judge), unreadable, more: true }
        entries.push(item)
      }
      return { entries: entries.map(judge), unreadable, more: false }
    })
  } catch (error) {
    throw asApiError(error, target.plugin.title)
  }
}

function judge({ path, size, mimeType, unavailable }: Entry): unknown {
  const reason =
    unavailable ??
    (size !== undefined && size > 100 * 1024 * 1024
      ? 'It is larger than 104857600 bytes (`limits.maxFileBytes`).'
      : undefined)
  return {
    path,
    size: size ?? null,
    contentType: mimeType ?? null,
    take: reason === undefined,
    ...(reason !== undefined && { reason }),
  }
}

/** What lies directly under a path. */
export async function browse(
  { plugin, session, run }: Source,
  path: string,
  limit: number,
): Promise<{ readonly items: readonly BrowseItem[]; readonly more: boolean }> {
  const items: BrowseItem[] = []
  for await (const item of iterate(plugin.browse!.children(session, path, run), run.signal)) {
    if (items.length === limit) return { items, more: true }
    items.push(item)
  }
  return { items, more: false }
}
