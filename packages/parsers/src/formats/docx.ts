import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { writeChart } from '../office/chart.ts'
import { writeDiagram } from '../office/drawing.ts'
import { Margins } from '../office/margins.ts'
import { type OfficePackage, openPackage, type Relationship, scanPart } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { SpokenLanguage } from '../office/spoken.ts'
import { wordWalk } from '../office/word-body.ts'
import { readNumbering } from '../office/word-numbering.ts'
import type { WordContext } from '../office/word-paragraph.ts'
import { readStyles } from '../office/word-styles.ts'
import { attr } from '../office/xml.ts'

/** Word documents (ECMA-376 WordprocessingML, transitional and strict), macros and templates as well. */
export const docx: Format = {
  name: 'docx',
  mimeTypes: [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.template',
    'application/vnd.ms-word.document.macroenabled.12',
    'application/vnd.ms-word.template.macroenabled.12',
  ],
  extensions: ['docx', 'docm', 'dotx', 'dotm'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const pack = openPackage(bytes, limits, 'Word document', 'word/document.xml')
  const rels = pack.relationships(pack.main)
  const partOf = (type: string): string =>
    rels.find((rel) => rel.type === type && !rel.external)?.target ?? `word/${type}.xml`
  const out = new BlockWriter(limits.maxOutputChars)
  const notes = new Map<string, string>()
  const spoken = new SpokenLanguage()
  let firstTitle: string | undefined
  const shared = {
    styles: readStyles(pack, partOf('styles')),
    numbering: readNumbering(pack, partOf('numbering')),
    note: (kind: string, id: string): string => {
      const key = `${kind}/${id}`
      const mark = notes.get(key) ?? `[^${notes.size + 1}]`
      notes.set(key, mark)
      return mark
    },
  }
  const context = (list: readonly Relationship[]): WordContext => {
    const byId = new Map(list.map((rel) => [rel.id, rel]))
    return { ...shared, rels: byId, graphic: (id, into) => writeGraphic(pack, byId.get(id), into) }
  }

  const main = { ...context(rels), spoken, onTitle: (text: string) => (firstTitle ??= text) }
  const complete = scanPart(pack.zip, pack.main, limits, wordWalk(out, main))
  if (!complete && out.length === 0) {
    const missing = pack.zip.find(pack.main) === undefined
    throw new FormatError(
      'corrupt',
      missing ? 'It has no document part (word/document.xml)' : 'Its document part is damaged',
    )
  }
  const { pageOffsets } = out
  writeNotes(pack, out, 'footnote', partOf('footnotes'), notes, context)
  writeNotes(pack, out, 'endnote', partOf('endnotes'), notes, context)
  writeComments(pack, out, partOf('comments'), context)
  writeMargins(pack, out, rels, context)

  const { properties, app } = readProperties(pack)
  const pages = Number(app.get('Pages'))
  const markdown = out.finish()
  if (pageOffsets.length > 0 && pageOffsets[0] !== 0) pageOffsets.unshift(0)
  const title = properties.title ?? firstTitle
  const language = properties.language ?? spoken.most
  // Word shows these documents (HTML, RTF, DOCX) as part of the text; here they are parsed as what they are.
  const children = rels.flatMap(({ type, target }) => {
    const entry = type === 'aFChunk' ? pack.zip.find(target) : undefined
    return entry ? [{ path: entry.path, bytes: pack.zip.read(entry) }] : []
  })
  return {
    ...properties,
    markdown,
    ...(children.length > 0 ? { children } : {}),
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    ...(pages > 0 ? { pages } : {}),
    ...(pageOffsets.length > 0 ? { pageOffsets: pageOffsets.filter((offset) => offset < markdown.length) } : {}),
    ...(complete ? {} : { metadata: { ...properties.metadata, damaged: 'The document part is cut short' } }),
  }
}

type MakeContext = (list: readonly Relationship[]) => WordContext

function writeGraphic(pack: OfficePackage, rel: Relationship | undefined, out: BlockWriter): void {
  if (!rel || rel.external) return
  if (rel.type === 'chart' || rel.type === 'chartEx') writeChart(pack, rel.target, out)
  else if (rel.type === 'diagramData') writeDiagram(pack, rel.target, out)
}

function writeNotes(
  pack: OfficePackage,
  out: BlockWriter,
  kind: string,
  part: string,
  notes: ReadonlyMap<string, string>,
  context: MakeContext,
): void {
  if (notes.size === 0 || !pack.zip.find(part)) return
  const texts = new Map<string, BlockWriter>()
  const base = context(pack.relationships(part))
  const item = (name: string, attrs: string): BlockWriter | undefined => {
    if (name !== kind) return undefined
    const writer = new BlockWriter(pack.limits.maxOutputChars)
    texts.set(attr(attrs, 'id') ?? '', writer)
    return writer
  }
  scanPart(pack.zip, part, pack.limits, wordWalk(out, { ...base, item }))
  for (const [key, mark] of notes) {
    const text = key.startsWith(`${kind}/`) ? texts.get(key.slice(kind.length + 1))?.finish() : undefined
    if (text) out.text(`${mark}: ${text}`)
  }
}

function writeComments(pack: OfficePackage, out: BlockWriter, part: string, context: MakeContext): void {
  if (!pack.zip.find(part)) return
  const comments: { readonly author: string; readonly text: BlockWriter }[] = []
  const base = context(pack.relationships(part))
  const item = (name: string, attrs: string): BlockWriter | undefined => {
    if (name !== 'comment') return undefined
    const text = new BlockWriter(pack.limits.maxOutputChars)
    comments.push({ author: attr(attrs, 'author') ?? '', text })
    return text
  }
  scanPart(pack.zip, part, pack.limits, wordWalk(out, { ...base, item }))
  for (const { author, text } of comments) {
    const body = text
      .finish()
      .replace(/^#{1,6} /gm, '')
      .replace(/\s*\n\s*/g, ' ')
    if (body !== '') out.text(`> Comment${author === '' ? '' : ` (${author})`}: ${body}`)
  }
}

function writeMargins(
  pack: OfficePackage,
  out: BlockWriter,
  rels: readonly Relationship[],
  context: MakeContext,
): void {
  const margins = new Margins()
  for (const rel of rels) {
    if ((rel.type !== 'header' && rel.type !== 'footer') || margins.isFull) continue
    const writer = new BlockWriter(pack.limits.maxOutputChars)
    let numbered = false
    const onPageNumber = (): void => {
      numbered = true
    }
    const margin = { ...context(pack.relationships(rel.target)), onPageNumber }
    scanPart(pack.zip, rel.target, pack.limits, wordWalk(writer, margin))
    margins.add(writer.finish(), numbered)
  }
  margins.write(out)
}
