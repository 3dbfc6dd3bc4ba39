import { attributeOf, type ChildNode, type Element, isTag, type Nodes, ownText, textOf } from './dom.ts'
import { emoticon } from './emoticons.ts'
import { image, linkMarkdown, mention } from './links.ts'
import { codeSpan, escaped, link, type Writer } from './writer.ts'

/** A line of text. */
export function inlineMarkdown(nodes: Nodes, writer: Writer): string {
  return nodes
    .map((node) => part(node, writer))
    .join('')
    .replace(/[^\S\n]{2,}(?!\n)/g, ' ')
}

function part(node: ChildNode, writer: Writer): string {
  const text = ownText(node)
  if (text !== undefined) return escaped(text.replace(/\s+/g, ' '), writer)
  return isTag(node) ? element(node, writer) : ''
}

function element(node: Element, writer: Writer): string {
  const inside = () => writer.inline(node.children)
  switch (node.name) {
    case 'strong':
    case 'b':
      return marked(inside(), '**')
    case 'em':
    case 'i':
      return marked(inside(), '*')
    case 'del':
    case 's':
    case 'strike':
      return marked(inside(), '~~')
    case 'code':
    case 'tt':
      return codeOf(node)
    case 'br':
      return writer.inCell ? '<br>' : '  \n'
    case 'a': {
      const href = attributeOf(node, 'href')
      return href ? link(inside().trim(), absolute(href, writer)) : inside()
    }
    case 'img': {
      const source = attributeOf(node, 'src')
      return source ? `!${link(escaped(attributeOf(node, 'alt') ?? '', writer), source)}` : ''
    }
    case 'time':
      return attributeOf(node, 'datetime') ?? inside()
    case 'ac:link':
      return linkMarkdown(node, writer)
    case 'ri:user':
      return mention(node, writer)
    case 'ac:image':
      return image(node, writer)
    case 'ac:emoticon':
    case 'ac:hipchat-emoticon':
      return emoticon(node)
    case 'ac:placeholder':
    case 'ac:task-id':
    case 'ac:task-uuid':
    case 'ac:parameter':
      return ''
    case 'ac:structured-macro':
    case 'ac:macro':
      return writer.macro(node)
    default:
      return inside()
  }
}

function absolute(href: string, { place }: Writer): string {
  return href.startsWith('/') && URL.canParse(href, place.web) ? new URL(href, place.web).href : href
}

/** Marks stand close to words, or they are no marks. */
function marked(text: string, mark: string): string {
  const inner = text.trim()
  if (inner === '') return text
  const start = text.indexOf(inner)
  return `${text.slice(0, start)}${mark}${inner}${mark}${text.slice(start + inner.length)}`
}

function codeOf(node: Element): string {
  const text = textOf(node).replace(/\s+/g, ' ')
  return text.trim() === '' ? text : codeSpan(text)
}
