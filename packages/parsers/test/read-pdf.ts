import { defaultLimits, type FormatOutput } from '../src/format.ts'
import { pdf } from '../src/formats/pdf.ts'
import { type Drawing, drawPdf } from './draw-pdf.ts'

export async function readPdf(bytes: Uint8Array): Promise<FormatOutput> {
  return await pdf.parse({ bytes, mimeType: 'application/pdf', limits: defaultLimits })
}

/** The Markdown of a page that is drawn. */
export async function markdown(draw: (pdf: Drawing) => void): Promise<string> {
  return (await readPdf(await drawPdf(draw))).markdown.trim()
}

/** Two columns of one text. */
export const left: readonly string[] = [
  'The first column tells of ships that went',
  'out to sea in the early days of spring and',
  'of the people who were waiting for them at',
  'the harbour, year after year, until the ice',
  'came back. It ends in the middle of a long',
]
export const right: readonly string[] = [
  'sentence. The second column goes on with',
  'the story of those who stayed, of what was',
  'built in these years, and of the ways that',
  'were found to live through long winters by',
  'the light of lamps.',
]
