import type { RecognitionEngine } from '@cx/core/engine'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { readPicture } from './image.ts'
import { defaultRecognition, type RecognitionOptions } from './options.ts'
import { hasSilentPages, type PictureReader } from './pictures.ts'
import { readScan } from './scan.ts'

/** Stands in for a format's own `parse`. */
export type ReadDocument = (format: Format, input: FormatInput) => Promise<FormatOutput>

const maxMemoryBytes = 512 * 1024 * 1024

/** Loads the engine into this thread. The answer is called once for each document. */
export async function openReader(options: RecognitionOptions): Promise<() => ReadDocument> {
  const { module, languages, maxPages, timeoutMs, pageTimeoutMs } = { ...defaultRecognition, ...options }
  const { default: engine } = (await import(module)) as { readonly default: RecognitionEngine }
  const recognizer = await engine.open({ languages, maxMemoryBytes })
  return () => {
    const end = performance.now() + timeoutMs
    const reader: PictureReader = {
      maxPages,
      read: async (picture) =>
        performance.now() > end ? undefined : await recognizer.recognize(picture, { timeoutMs: pageTimeoutMs }),
    }
    return (format, input) => readWith(reader, format, input)
  }
}

async function readWith(reader: PictureReader, format: Format, input: FormatInput): Promise<FormatOutput> {
  if (format.name === 'image') return await readPicture(reader, input, await format.parse(input))
  if (format.name !== 'pdf') return await format.parse(input)
  const plain = await readTextLayer(format, input)
  return plain === undefined || hasSilentPages(plain) ? await readScan(reader, input, plain) : plain
}

/** Undefined where there is none. */
async function readTextLayer(format: Format, input: FormatInput): Promise<FormatOutput | undefined> {
  try {
    return await format.parse(input)
  } catch (error) {
    if (error instanceof FormatError && error.code === 'no_text_layer') return undefined
    throw error
  }
}
