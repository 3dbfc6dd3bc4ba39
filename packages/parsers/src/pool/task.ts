import type { ParseInput, ParseOutcome } from '@cx/core/engine'
import type { Limits } from '../format.ts'
import type { RecognitionOptions } from '../recognition/options.ts'

/** What a worker thread gets once. */
export interface WorkerSettings {
  readonly limits: Limits
  /** URLs of modules that export `formats`. */
  readonly formatModules: readonly string[]
  readonly recognition: RecognitionOptions | undefined
}

/** What a worker thread gets for each task: its documents, one after the other in one buffer. */
export interface Task {
  readonly buffer: ArrayBuffer
  readonly documents: readonly TaskDocument[]
  readonly progress: SharedArrayBuffer
}

export interface TaskDocument {
  readonly offset: number
  readonly length: number
  readonly filename?: string
  readonly mimeType?: string
}

export type TaskResult = readonly ParseOutcome[]

/** One document's own buffer is handed over whole, unless it is wanted again; several small ones are copied into one. */
export function packTask(inputs: readonly ParseInput[], progress: SharedArrayBuffer, keepsBytes: boolean): Task {
  const [only] = inputs
  if (inputs.length === 1 && only !== undefined) {
    const { bytes } = only
    // A view may share its buffer with others (Buffer's pool): that one cannot be given away.
    const isOwn = !keepsBytes && bytes.byteLength === bytes.buffer.byteLength
    const buffer = isOwn ? bytes.buffer : bytes.slice().buffer
    return { buffer, documents: [describe(only, 0)], progress }
  }
  const packed = new Uint8Array(inputs.reduce((sum, { bytes }) => sum + bytes.length, 0))
  let offset = 0
  const documents = inputs.map((input) => {
    packed.set(input.bytes, offset)
    offset += input.bytes.length
    return describe(input, offset - input.bytes.length)
  })
  return { buffer: packed.buffer, documents, progress }
}

function describe({ bytes, filename, mimeType }: ParseInput, offset: number): TaskDocument {
  return {
    offset,
    length: bytes.length,
    ...(filename !== undefined && { filename }),
    ...(mimeType !== undefined && { mimeType }),
  }
}
