import { imageSize } from 'image-size'
import type { FormatInput, FormatOutput } from '../format.ts'
import { recognizedMarkdown } from './markdown.ts'
import { leastConfidence, type PictureReader } from './pictures.ts'

/** Decoded, with the copies that recognition makes, these take about 400 MB. */
const maxPixels = 40_000_000
/** Icons and rules hold no line of text. */
const leastSide = 16

/** Adds the text that a picture shows to what its metadata says. */
export async function readPicture(
  reader: PictureReader,
  { bytes }: FormatInput,
  output: FormatOutput,
): Promise<FormatOutput> {
  const noted = (ocrNote: string): FormatOutput => ({ ...output, metadata: { ...output.metadata, ocrNote } })
  const { width, height, orientation = 1 } = imageSize(bytes)
  if (Math.min(width, height) < leastSide) return output
  if (width * height > maxPixels)
    return noted(`The picture has ${width * height} pixels; text is read off ${maxPixels} at most.`)
  try {
    const recognized = await reader.read({ bytes, orientation })
    if (recognized === undefined) return noted('The time for text recognition in this document was over.')
    const { text, confidence } = recognized
    if (confidence < leastConfidence) return output
    return {
      ...output,
      markdown: `${output.markdown}\n\n${recognizedMarkdown(text)}`,
      metadata: { ...output.metadata, ocr: true, ocrConfidence: Math.round(confidence) },
    }
  } catch (error) {
    return noted(error instanceof Error ? error.message : String(error))
  }
}
