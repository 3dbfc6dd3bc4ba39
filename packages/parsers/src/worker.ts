import { getPriority, setPriority } from 'node:os'
import { threadId, workerData } from 'node:worker_threads'
import type { ParseOutcome } from '@cx/core/engine'
import type { Format } from './format.ts'
import { parseBytes } from './parse.ts'
import { openProgress } from './pool/progress.ts'
import type { Task, TaskResult, WorkerSettings } from './pool/task.ts'
import type { ReadDocument } from './recognition/reader.ts'

/** How long a document may still settle by itself after something threw outside every promise. */
const graceMs = 1_000

const { limits, formatModules, recognition }: WorkerSettings = workerData

stepBack(recognition === undefined ? 5 : 10)

let extraFormats: Promise<readonly Format[]> | undefined
let reader: Promise<() => ReadDocument> | undefined
let onStray: ((error: unknown) => void) | undefined

// A timer of a document long done may throw while another is read: that ends neither the thread nor the other.
process.on('uncaughtException', (error) => onStray?.(error))

/** Called by the pool; documents one after the other. */
export async function parseTask({ buffer, documents, progress: shared }: Task): Promise<TaskResult> {
  extraFormats ??= loadFormats()
  const options = { limits, extraFormats: await extraFormats }
  if (recognition !== undefined) {
    reader ??= import('./recognition/reader.ts').then(({ openReader }) => openReader(recognition))
  }
  const begin = await reader
  const progress = openProgress(shared)
  const outcomes: ParseOutcome[] = []
  for (const [index, { offset, length, ...names }] of documents.entries()) {
    progress.begin(index, threadId)
    const input = { bytes: new Uint8Array(buffer, offset, length), ...names }
    outcomes.push(await orStray(parseBytes(input, begin === undefined ? options : { ...options, read: begin() })))
  }
  progress.begin(documents.length, threadId)
  return outcomes
}

/** A callback that threw may have been the one to settle the document's promise. */
async function orStray(outcome: Promise<ParseOutcome>): Promise<ParseOutcome> {
  const { promise: stray, resolve } = Promise.withResolvers<ParseOutcome>()
  let timer: NodeJS.Timeout | undefined
  onStray = (error) => {
    const message = `The parser failed on the document: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`
    timer ??= setTimeout(resolve, graceMs, { ok: false, code: 'crashed', message } satisfies ParseOutcome)
  }
  try {
    return await Promise.race([outcome, stray])
  } finally {
    onStray = undefined
    clearTimeout(timer)
  }
}

async function loadFormats(): Promise<readonly Format[]> {
  const modules = await Promise.all(formatModules.map((url): Promise<{ formats?: readonly Format[] }> => import(url)))
  return modules.flatMap(({ formats }, index) => {
    if (!Array.isArray(formats)) throw new TypeError(`${formatModules[index]} exports no array named "formats".`)
    return formats
  })
}

/** Lets the threads that answer requests go first where cores are few. On Linux each thread has a priority of its own. */
function stepBack(least: number): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Math.max(getPriority(), least))
  } catch {
    // A sandbox may forbid it, and nothing depends on it.
  }
}
