import { plainHeading } from '../chunk/headings.ts'
import type { FormatOutput } from '../format.ts'
import { firstHeading } from '../text.ts'
import { htmlToMarkdown } from './index.ts'
import { readMetadata } from './metadata.ts'
import type { Source } from './source.ts'

/** A page that stands for itself: its text, and what it says of itself. */
export function readPage(source: Source, maxChars: number): FormatOutput {
  const facts = readMetadata(source)
  const text = htmlToMarkdown(source, maxChars)
  // A page of pictures is still found by its title.
  const markdown = text === '' ? (facts.title ?? '') : text
  const heading = facts.title === undefined ? firstHeading(markdown) : undefined
  const title = facts.title ?? (heading === undefined ? undefined : plainHeading(heading))
  return { ...facts, markdown, ...(title !== undefined && { title }) }
}
