import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Parser } from '@cx/core/engine'

/** One line of the table; `goal` is what the issue asks for, `ok` whether it is met. */
export interface Row {
  readonly what: string
  readonly figure: string
  readonly goal: string
  readonly ok: boolean
}

export function row(what: string, figure: string, goal: string, ok: boolean): Row {
  return { what, figure, goal, ok }
}

/** The table as Markdown, with the machine it was measured on. */
export function table(rows: readonly Row[]): string {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
  return [
    `Measured on ${machine}.`,
    '',
    '| what | figure | goal | |',
    '|---|---|---|---|',
    ...rows.map(({ what, figure, goal, ok }) => `| ${what} | ${figure} | ${goal} | ${ok ? '✓' : '✗'} |`),
  ].join('\n')
}

/** Runs `use` in a temporary folder that is removed afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cx-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Resident memory of a process in bytes: now, and the most it ever was. Linux only. */
export async function memory(pid: number | 'self' = 'self'): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024
  return { now: kilobytes('VmRSS'), peak: kilobytes('VmHWM') }
}

export const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

/** Runs one of these files as a process of its own, so that memory and warm-up are its own; returns the JSON it prints last. */
export async function inProcess<T>(module: string, ...args: string[]): Promise<T> {
  const child = spawn(process.execPath, ['--conditions=cx-source', '--expose-gc', module, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${module} ended with ${code}: ${output}`)
  return JSON.parse(output.trim().split('\n').at(-1)!) as T
}

/** Milliseconds below which the given share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Calls `probe` until it answers true. */
export async function until(probe: () => Promise<boolean>, everyMs = 5, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await probe())) {
    if (performance.now() > end) throw new Error('It did not happen in time.')
    await sleep(everyMs)
  }
}

/** Chunks are what costs to index, and none of that is measured here: one word each. */
export const oneWord: Parser = {
  version: 'bench-1',
  parse: async () => ({
    ok: true,
    document: { mimeType: 'text/plain', chunks: [{ text: 'word', overlap: 0, headings: [] }] },
  }),
  close: async () => {},
}
