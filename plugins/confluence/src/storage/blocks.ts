import {
  attributeOf,
  type ChildNode,
  childOf,
  type Element,
  elementsOf,
  isTag,
  type Nodes,
  ownText,
  textOf,
} from './dom.ts'
import { isInlineMacro } from './macros.ts'
import { tableMarkdown } from './table.ts'
import { codeBlock, indented, quote, type Writer } from './writer.ts'

const blockNames = new Set([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'pre', 'blockquote', 'hr'],
  ...['div', 'section', 'article', 'header', 'footer', 'figure', 'tbody', 'tr', 'td', 'th', 'details', 'summary'],
  ...['ac:layout', 'ac:layout-section', 'ac:layout-cell', 'ac:task-list', 'ac:task', 'ac:rich-text-body'],
  ...['ac:adf-extension', 'ac:adf-node', 'ac:adf-content', 'ac:adf-fallback'],
])

function isBlock(node: ChildNode): boolean {
  if (!isTag(node)) return false
  if (node.name === 'ac:structured-macro' || node.name === 'ac:macro') return !isInlineMacro(node)
  // Links and marks around blocks, as editors leave them.
  return blockNames.has(node.name) || (wraps(node) && node.children.some(isBlock))
}

function wraps({ name }: Element): boolean {
  return ['span', 'font', 'center', 'ac:inline-comment-marker', 'strong', 'em', 'u'].includes(name)
}

/** Blocks between empty lines, or in a table between line breaks. What is not in a block makes paragraphs. */
export function blocksMarkdown(nodes: Nodes, writer: Writer): string {
  const made: string[] = []
  let run: ChildNode[] = []
  const flush = () => {
    if (run.length > 0) made.push(trimmed(writer.inline(run)))
    run = []
  }
  for (const node of nodes) {
    if (!isBlock(node)) {
      run.push(node)
      continue
    }
    flush()
    made.push(block(node as Element, writer))
  }
  flush()
  return made.filter((text) => text.trim() !== '').join(writer.inCell ? '<br>' : '\n\n')
}

function block(node: Element, writer: Writer): string {
  const inside = () => writer.blocks(node.children)
  switch (node.name) {
    case 'h1':
    case 'h2':
    case 'h3':
    case 'h4':
    case 'h5':
    case 'h6':
      return heading(node, writer)
    case 'ul':
    case 'ol':
      return list(node, writer)
    case 'blockquote':
      return writer.inCell ? inside() : quote(inside())
    case 'pre':
      return codeBlock(textOf(node).replace(/^\n/, ''), '', writer)
    case 'hr':
      return writer.inCell ? '' : '---'
    case 'table':
      return tableMarkdown(node, writer)
    case 'ac:task-list':
      return items(tasks(node, writer), writer)
    case 'ac:structured-macro':
    case 'ac:macro':
      return writer.macro(node)
    case 'ac:adf-extension': {
      // What older readers are shown; it says the same in plainer words.
      const fallback = childOf(node, 'ac:adf-fallback')
      return fallback ? writer.blocks(fallback.children) : inside()
    }
    case 'ac:adf-node': {
      const content = childOf(node, 'ac:adf-content')
      return content ? writer.blocks(content.children) : ''
    }
    default:
      return inside()
  }
}

function heading(node: Element, writer: Writer): string {
  const text = trimmed(writer.inline(node.children)).replace(/\s*\n\s*/g, ' ')
  if (text === '') return ''
  return writer.inCell ? `**${text}**` : `${'#'.repeat(Number(node.name[1]))} ${text}`
}

function list(node: Element, writer: Writer): string {
  const start = Number.parseInt(attributeOf(node, 'start') ?? '1', 10) || 1
  let number = start - 1
  const parts: [mark: string, text: string][] = []
  for (const child of node.children) {
    if (!isTag(child)) {
      const text = ownText(child)?.trim()
      if (text) parts.push([node.name === 'ol' ? `${++number}. ` : '- ', writer.inline([child]).trim()])
      continue
    }
    // A list right under a list belongs to the item before it.
    if (child.name === 'ul' || child.name === 'ol') {
      const nested = list(child, writer)
      const last = parts.at(-1)
      if (last) last[1] += `${writer.inCell ? '<br>' : '\n'}${nested}`
      else parts.push(['', nested])
      continue
    }
    parts.push([node.name === 'ol' ? `${++number}. ` : '- ', itemText(child, writer)])
  }
  return items(parts, writer)
}

/** Text and the lists under it stay together; other blocks of an item stand apart. */
function itemText(item: Element, writer: Writer): string {
  if (writer.inCell) return writer.blocks(item.children)
  const text = writer.blocks(item.children)
  const plain = elementsOf(item.children).filter(isBlock)
  return plain.every(({ name }) => ['p', 'ul', 'ol', 'ac:task-list'].includes(name)) &&
    plain.filter(({ name }) => name === 'p').length <= 1
    ? text.replace(/\n{2,}/g, '\n')
    : text
}

function tasks(node: Element, writer: Writer): [mark: string, text: string][] {
  return elementsOf(node.children)
    .filter(({ name }) => name === 'ac:task')
    .map((task) => {
      const status = childOf(task, 'ac:task-status')
      const body = childOf(task, 'ac:task-body')
      const done = status !== undefined && textOf(status).trim() === 'complete'
      return [done ? '- [x] ' : '- [ ] ', body ? itemText(body, writer) : '']
    })
}

function items(parts: readonly (readonly [mark: string, text: string])[], { inCell }: Writer): string {
  const kept = parts.filter(([, text]) => text.trim() !== '')
  if (inCell) return kept.map(([mark, text]) => `${mark}${text}`).join('<br>')
  return kept.map(([mark, text]) => `${mark}${indented(text, mark.startsWith('- ') ? 2 : mark.length)}`).join('\n')
}

function trimmed(text: string): string {
  return text.replace(/^(\s|<br>)+|(\s|<br>)+$/g, '').replace(/\n[^\S\n]+/g, '\n')
}
