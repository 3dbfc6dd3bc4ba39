import type { Format, FormatOutput } from '../format.ts'
import { decodeText, fenced, firstHeading } from '../text.ts'

const adornments = '=-~^"\'`#*+.:_<>'
const codeDirectives = ['code-block::', 'code::', 'sourcecode::', 'highlight::']

/** Titles by their underlines, code blocks fenced; the rest of reStructuredText reads well as it is. */
export const rst: Format = {
  name: 'rst',
  mimeTypes: ['text/x-rst', 'text/prs.fallenstein.rst'],
  extensions: ['rst', 'rest'],
  async parse({ bytes }): Promise<FormatOutput> {
    const markdown = toMarkdown((await decodeText(bytes)).replaceAll('\r\n', '\n').split('\n'))
    const title = firstHeading(markdown)
    return { markdown, ...(title !== undefined && { title }) }
  },
}

function toMarkdown(lines: readonly string[]): string {
  // Levels are given by the order in which a document first uses its adornments.
  const styles: string[] = []
  const out: string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    const code = codeBlock(lines, index)
    if (code !== undefined) {
      out.push(code.text)
      index = code.last
      continue
    }
    const over = adornment(line)
    if (over !== undefined && adornment(lines[index + 2]) === over && isTitle(lines[index + 1])) {
      out.push(heading(styles, `${over}${over}`, lines[index + 1]!))
      index += 2
      continue
    }
    const under = adornment(lines[index + 1])
    if (
      under !== undefined &&
      isTitle(line) &&
      line.charCodeAt(0) > 32 &&
      lines[index + 1]!.trim().length >= line.trim().length - 1
    ) {
      out.push(heading(styles, under, line))
      index += 1
      continue
    }
    out.push(line)
  }
  return out.join('\n')
}

function heading(styles: string[], style: string, title: string): string {
  if (!styles.includes(style)) styles.push(style)
  return `${'#'.repeat(Math.min(styles.indexOf(style) + 1, 6))} ${title.trim()}\n`
}

function adornment(line: string | undefined): string | undefined {
  const text = line?.trimEnd() ?? ''
  const first = text[0]
  if (text.length < 2 || text.length > 400 || first === undefined || !adornments.includes(first)) return undefined
  for (let index = 1; index < text.length; index++) if (text[index] !== first) return undefined
  return first
}

function isTitle(line: string | undefined): boolean {
  return line !== undefined && line.length < 300 && line.trim() !== '' && adornment(line) === undefined
}

function codeBlock(lines: readonly string[], start: number): { text: string; last: number } | undefined {
  const line = lines[start]!
  const trimmed = line.trimStart()
  if (!trimmed.startsWith('.. ')) return undefined
  const directive = codeDirectives.find((name) => trimmed.startsWith(name, 3))
  if (directive === undefined || directive === 'highlight::') return undefined
  const margin = line.length - trimmed.length
  let last = start
  for (let index = start + 1; index < lines.length; index++) {
    const body = lines[index]!
    if (body.trim() === '') continue
    if (body.length - body.trimStart().length <= margin) break
    last = index
  }
  if (last === start) return undefined
  const body = lines.slice(start + 1, last + 1)
  while (body.length > 0 && (body[0]!.trim() === '' || body[0]!.trimStart().startsWith(':'))) body.shift()
  const indent = Math.min(
    ...body
      .slice(0, 50)
      .filter((text) => text.trim() !== '')
      .map((text) => text.length - text.trimStart().length),
  )
  const language = trimmed.slice(3 + directive.length).trim()
  return { text: `\n${fenced(body.map((text) => text.slice(indent)).join('\n'), language)}`, last }
}
