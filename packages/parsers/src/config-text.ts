import type { FormatInput, FormatOutput } from './format.ts'
import { decodeText, fenced } from './text.ts'

/** A configuration file as a fenced block; its title is its own `title` or `name` at the left margin. */
export async function configText(input: FormatInput, language: string, separator: string): Promise<FormatOutput> {
  const text = await decodeText(input.bytes)
  if (text.trim() === '') return { markdown: '' }
  const title = topLevel(text.slice(0, 16_384), separator)
  return { markdown: fenced(text, language), ...(title !== undefined && { title }) }
}

function topLevel(head: string, separator: string): string | undefined {
  for (const line of head.split('\n')) {
    const at = line.indexOf(separator)
    const key = at === -1 ? '' : line.slice(0, at).trimEnd()
    if (key !== 'title' && key !== 'name') continue
    let value = line.slice(at + 1).trim()
    if ((value.startsWith('"') || value.startsWith("'")) && value.length > 1) value = value.slice(1, -1)
    if (value !== '') return value.slice(0, 300)
  }
  return undefined
}
