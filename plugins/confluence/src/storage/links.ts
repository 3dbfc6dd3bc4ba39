import { attributeOf, childOf, type Element, elementsOf, type Nodes, textOf } from './dom.ts'
import { escaped, link, type Writer } from './writer.ts'

/** `ac:link`: to a page, a post, a space, an attachment or a person, with a text of its own or none. */
export function linkMarkdown(element: Element, writer: Writer): string {
  const plain = childOf(element, 'ac:plain-text-link-body')
  const rich = childOf(element, 'ac:link-body')
  const label = plain ? escaped(textOf(plain), writer) : rich ? writer.inline(rich.children).trim() : ''
  const target = elementsOf(element.children).find(({ name }) => name.startsWith('ri:'))
  const anchor = attributeOf(element, 'ac:anchor')
  if (!target) return label || escaped(anchor ?? '', writer)
  if (target.name === 'ri:user') return label || mention(target, writer)
  const { text, url } = resource(target, writer)
  const suffix = anchor ? `#${encodeURIComponent(anchor)}` : ''
  return url === undefined ? label || escaped(text, writer) : link(label || escaped(text, writer), `${url}${suffix}`)
}

/** The name and address of what an `ri:` element names. */
export function resource(
  element: Element,
  { place }: Pick<Writer, 'place'>,
): { readonly text: string; readonly url: string | undefined } {
  const space = attributeOf(element, 'ri:space-key') ?? place.spaceKey
  const at = (...parts: readonly string[]) => [place.web, ...parts.map(encodeURIComponent)].join('/')
  switch (element.name) {
    case 'ri:page': {
      const title = attributeOf(element, 'ri:content-title') ?? ''
      return { text: title || space, url: title ? at('display', space, title) : at('display', space) }
    }
    case 'ri:blog-post': {
      const title = attributeOf(element, 'ri:content-title') ?? ''
      const day = (attributeOf(element, 'ri:posting-day') ?? '').split('/').filter(Boolean)
      return { text: title, url: at('display', space, ...day, title) }
    }
    case 'ri:space':
      return { text: space, url: at('display', space) }
    case 'ri:attachment': {
      const name = attributeOf(element, 'ri:filename') ?? ''
      const holder = childOf(element, 'ri:page', 'ri:blog-post')
      // Only the page it hangs on is named then, and not by its id.
      if (holder) return { text: name, url: resource(holder, { place }).url }
      return { text: name, url: at('download', 'attachments', place.pageId, name) }
    }
    case 'ri:url':
      return { text: attributeOf(element, 'ri:value') ?? '', url: attributeOf(element, 'ri:value') }
    case 'ri:content-entity': {
      const id = attributeOf(element, 'ri:content-id') ?? ''
      return { text: id, url: `${place.web}/pages/viewpage.action?pageId=${encodeURIComponent(id)}` }
    }
    case 'ri:shortcut': {
      const text = `${attributeOf(element, 'ri:key') ?? ''}@${attributeOf(element, 'ri:parameter') ?? ''}`
      return { text, url: undefined }
    }
    default:
      return { text: '', url: undefined }
  }
}

export function mention(element: Element, writer: Writer): string {
  const id = personOf(element)
  const name = (id && writer.place.nameOf(id)) ?? attributeOf(element, 'ri:username')
  return `@${escaped(name ?? 'unknown user', writer)}`
}

/** The id of a person in `ri:user`, in the form of either product. */
export function personOf(element: Element): string | undefined {
  for (const name of ['ri:account-id', 'ri:userkey', 'ri:username']) {
    const id = attributeOf(element, name)
    if (id) return id
  }
  return undefined
}

export function image(element: Element, writer: Writer): string {
  const source = elementsOf(element.children).find(({ name }) => name.startsWith('ri:'))
  const { text, url } = source ? resource(source, writer) : { text: '', url: undefined }
  const caption = childOf(element, 'ac:caption')
  const alt = attributeOf(element, 'ac:alt') || (caption ? captionText(caption.children) : '') || text
  return url === undefined ? escaped(alt, writer) : `!${link(escaped(alt, writer), url)}`
}

function captionText(nodes: Nodes): string {
  return nodes.map(textOf).join('').replace(/\s+/g, ' ').trim()
}
