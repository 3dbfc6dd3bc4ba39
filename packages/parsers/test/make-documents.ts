import { CFB } from '@e965/xlsx'
import { strToU8, zipSync } from 'fflate'
import { defaultLimits, type Format, FormatError, type FormatOutput, type Limits } from '../src/format.ts'

export const relationType = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** A ZIP of texts and bytes. */
export function zipOf(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(parts).map(([path, part]) => [path, typeof part === 'string' ? strToU8(part) : part]),
    ),
  )
}

/** A relationships part: id to type and target; a target with a colon is external. */
export function relsOf(rels: Readonly<Record<string, readonly [type: string, target: string]>>): string {
  const lines = Object.entries(rels).map(
    ([id, [type, target]]) =>
      `<Relationship Id="${id}" Type="${relationType}/${type}" Target="${target}"${target.includes(':') ? ' TargetMode="External"' : ''}/>`,
  )
  return `<?xml version="1.0"?><Relationships>${lines.join('')}</Relationships>`
}

/** A compound file of streams. */
export function compoundOf(streams: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const file = CFB.utils.cfb_new()
  for (const [name, bytes] of Object.entries(streams)) CFB.utils.cfb_add(file, `/${name}`, Buffer.from(bytes))
  return new Uint8Array(CFB.write(file, { type: 'buffer' }) as Uint8Array)
}

export interface RunOptions extends Partial<Limits> {
  readonly filename?: string
}

export async function run(
  format: Format,
  bytes: Uint8Array | string,
  { filename, ...limits }: RunOptions = {},
): Promise<FormatOutput> {
  return await format.parse({
    bytes: typeof bytes === 'string' ? strToU8(bytes) : bytes,
    mimeType: format.mimeTypes[0] ?? '',
    limits: { ...defaultLimits, ...limits },
    ...(filename === undefined ? {} : { filename }),
  })
}

/** The reason a document is refused for; fails when it is not, or with something else than a FormatError. */
export async function refusal(format: Format, bytes: Uint8Array | string, options?: RunOptions): Promise<string> {
  try {
    await run(format, bytes, options)
  } catch (error) {
    if (error instanceof FormatError) return `${error.code}: ${error.message}`
    throw error
  }
  throw new Error('The document was not refused')
}
