import type { ChildDocument, ParseFailureCode, ParseInput, ParseOutcome } from '@cx/core/engine'
import { chunkMarkdown } from './chunk.ts'
import { defaultLimits, type Format, FormatError, type FormatOutput, type Limits } from './format.ts'
import type { FormatName } from './kinds.ts'
import type { ReadDocument } from './recognition/reader.ts'
import { formats } from './registry.ts'
import { type Sniffed, sniff } from './sniff.ts'

export interface ParseOptions {
  readonly limits?: Limits
  /** Asked before the built-in ones, by extension and by declared type. */
  readonly extraFormats?: readonly Format[]
  /** Takes the place of the formats' own `parse`: reads text off pictures too. */
  readonly read?: ReadDocument
}

/** What all documents inside one document share. */
interface Budget {
  entries: number
  bytes: number
}

/** Bytes to text and chunks in this thread, without time or memory limits: what a pool's workers run. Never throws. */
export async function parseBytes(input: ParseInput, options: ParseOptions = {}): Promise<ParseOutcome> {
  const { limits = defaultLimits, extraFormats = [], read = readPlainly } = options
  const budget: Budget = { entries: limits.maxEntries, bytes: limits.maxInflatedBytes }
  return await parseAt(input, { limits, extraFormats, read, budget, depth: 0 })
}

const readPlainly: ReadDocument = async (format, input) => await format.parse(input)

const loaded = new Map<FormatName, Promise<Format>>()

interface Context {
  readonly limits: Limits
  readonly extraFormats: readonly Format[]
  readonly read: ReadDocument
  readonly budget: Budget
  readonly depth: number
}

async function parseAt(input: ParseInput, context: Context): Promise<ParseOutcome> {
  const { bytes, filename, mimeType: declared } = input
  const { limits } = context
  if (bytes.length === 0) return failed('empty', 'The document has no bytes.')
  if (bytes.length > limits.maxInputBytes) {
    return failed('too_large', `The document has ${bytes.length} bytes; ${limits.maxInputBytes} are the limit.`)
  }
  let mimeType: string | undefined
  try {
    const { format, sniffed } = await choose(bytes, filename, declared, context)
    mimeType = sniffed.mimeType
    if (sniffed.encrypted) {
      const { openByDefaultPassword } = await import('./crypto/default-password.ts')
      const inside = openByDefaultPassword(bytes, limits)
      if (inside) return await parseAt({ ...input, bytes: inside }, context)
      return failed('encrypted', 'The document opens with a password only.', mimeType)
    }
    if (format === undefined) return failed('unsupported_type', `There is no parser for ${mimeType}.`, mimeType)
    const output = await context.read(format, { bytes, mimeType, limits, ...(filename !== undefined && { filename }) })
    return await finish(output, mimeType, context)
  } catch (error) {
    const { code, message } = failureOf(error)
    return failed(code, message, mimeType)
  }
}

async function choose(
  bytes: Uint8Array,
  filename: string | undefined,
  declared: string | undefined,
  { extraFormats }: Context,
): Promise<{ readonly format: Format | undefined; readonly sniffed: Sniffed }> {
  const extension = filename?.slice(filename.lastIndexOf('.') + 1).toLowerCase() ?? ''
  const extra = extraFormats.find(
    ({ extensions, mimeTypes }) =>
      extensions.includes(extension) || (declared !== undefined && mimeTypes.includes(declared)),
  )
  if (extra !== undefined) {
    return { format: extra, sniffed: { mimeType: extra.mimeTypes[0] ?? declared ?? 'application/octet-stream' } }
  }
  const sniffed = sniff(bytes, {
    ...(filename !== undefined && { filename }),
    ...(declared !== undefined && { mimeType: declared }),
  })
  return { format: sniffed.format && (await load(sniffed.format)), sniffed }
}

/** Even of a module that is there, `import()` costs as much as the parsing of a small document. */
function load(name: FormatName): Promise<Format> {
  const format = loaded.get(name) ?? formats[name]()
  loaded.set(name, format)
  return format
}

async function finish(output: FormatOutput, mimeType: string, context: Context): Promise<ParseOutcome> {
  const { limits } = context
  const { markdown: raw, pageOffsets, recordOffsets, children, ...facts } = output
  if (raw.length > limits.maxOutputChars) {
    return failed(
      'output_too_large',
      `The document has ${raw.length} characters of text; ${limits.maxOutputChars} are the limit.`,
      mimeType,
    )
  }
  // Offsets count the text as the format wrote it.
  const markdown = pageOffsets === undefined && recordOffsets === undefined ? plainLines(raw) : raw
  const parsed = children === undefined ? [] : await parseChildren(children, context)
  if (markdown.trim() === '' && parsed.length === 0) return failed('empty', 'The document has no text.', mimeType)
  return {
    ok: true,
    document: {
      ...facts,
      mimeType,
      chunks:
        markdown.trim() === ''
          ? []
          : chunkMarkdown(markdown, { ...(pageOffsets && { pageOffsets }), ...(recordOffsets && { recordOffsets }) }),
      ...(parsed.length > 0 && { children: parsed }),
    },
  }
}

function plainLines(text: string): string {
  let plain = text
  if (plain.includes('\r')) plain = plain.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  if (plain.includes('\u0000')) plain = plain.replaceAll('\u0000', '')
  return plain
}

async function parseChildren(
  children: NonNullable<FormatOutput['children']>,
  context: Context,
): Promise<ChildDocument[]> {
  const { limits, budget } = context
  const depth = context.depth + 1
  const paths = new Set<string>()
  const parsed: ChildDocument[] = []
  for (const [index, child] of children.entries()) {
    if (budget.entries-- <= 0) {
      const outcome = failed(
        'too_large',
        `${children.length - index} more were left out: ${limits.maxEntries} documents inside are the limit.`,
      )
      parsed.push({ path: unused(child.path, paths), size: child.bytes.length, outcome })
      break
    }
    const size = child.bytes.length
    budget.bytes -= size
    const path = unused(child.path, paths)
    const outcome =
      depth > limits.maxContainerDepth
        ? failed('too_large', `It lies deeper than ${limits.maxContainerDepth} containers.`)
        : budget.bytes < 0
          ? failed('too_large', `The documents inside hold more than ${limits.maxInflatedBytes} bytes.`)
          : await parseAt(childInput(child), { ...context, depth })
    parsed.push({ path, size, outcome })
  }
  return parsed
}

function childInput(child: NonNullable<FormatOutput['children']>[number]): ParseInput {
  const { bytes, mimeType, path } = child
  const own =
    bytes.buffer instanceof ArrayBuffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes.slice()
  return { bytes: own, filename: path, ...(mimeType !== undefined && { mimeType }) }
}

/** Two attachments may have one name. */
function unused(path: string, taken: Set<string>): string {
  const wanted = path === '' ? 'unnamed' : path
  let free = wanted
  for (let count = 2; taken.has(free); count++) free = `${wanted} (${count})`
  taken.add(free)
  return free
}

function failureOf(error: unknown): { code: ParseFailureCode; message: string } {
  if (error instanceof FormatError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof RangeError) {
    if (message.includes('call stack')) return { code: 'corrupt', message: 'The document is nested too deeply.' }
    if (message.includes('string length'))
      return { code: 'output_too_large', message: 'The text is longer than a string can be.' }
    if (message.includes('allocation') || message.includes('memory')) {
      return { code: 'out_of_memory', message: 'The document takes more memory than there is.' }
    }
  }
  return { code: 'corrupt', message: `The document cannot be read: ${message.slice(0, 300)}` }
}

function failed(code: ParseFailureCode, message: string, mimeType?: string): ParseOutcome {
  return { ok: false, code, message, ...(mimeType !== undefined && { mimeType }) }
}
