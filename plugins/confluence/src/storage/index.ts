import { blocksMarkdown } from './blocks.ts'
import { descendants, type Nodes } from './dom.ts'
import { inlineMarkdown } from './inline.ts'
import { personOf } from './links.ts'
import { macroMarkdown } from './macros.ts'
import type { Place, Writer } from './writer.ts'

export { type Nodes, parseStorage } from './dom.ts'
export type { Place } from './writer.ts'

/** Confluence's storage format as Markdown: text, tables, code, panels, tasks, links, mentions and what macros hold. */
export function renderStorage(nodes: Nodes, place: Place): string {
  return createWriter(place, false).blocks(nodes)
}

/** Ids of the people that a text mentions. */
export function mentionsIn(nodes: Nodes): readonly string[] {
  return [...new Set([...descendants(nodes, 'ri:user')].flatMap((element) => personOf(element) ?? []))]
}

function createWriter(place: Place, inCell: boolean): Writer {
  const writer: Writer = {
    place,
    inCell,
    blocks: (nodes) => blocksMarkdown(nodes, writer),
    inline: (nodes) => inlineMarkdown(nodes, writer),
    macro: (element) => macroMarkdown(element, writer),
    cell: () => (inCell ? writer : createWriter(place, true)),
  }
  return writer
}
