import { type ChildNode, type Element, isCDATA, isTag, isText } from 'domhandler'
import { decodeHTML } from 'entities'
import { parseDocument } from 'htmlparser2'

export type Nodes = readonly ChildNode[]

/**
 * Storage format is XHTML with elements of Confluence's own, CDATA and the named entities of HTML: XML mode keeps the
 * first two, and the entities, which XML does not know, are decoded after it.
 * https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
 */
export function parseStorage(xml: string): Nodes {
  return parseDocument(xml, { xmlMode: true, decodeEntities: false }).children
}

export { type ChildNode, type Element, isTag }

/** The text of a text node, or of CDATA as it was written; undefined for other nodes. */
export function ownText(node: ChildNode): string | undefined {
  if (isText(node)) return decodeHTML(node.data)
  return isCDATA(node) ? node.children.map((part) => (isText(part) ? part.data : '')).join('') : undefined
}

/** All text under a node. */
export function textOf(node: ChildNode): string {
  return ownText(node) ?? ('children' in node ? node.children.map(textOf).join('') : '')
}

export function elementsOf(nodes: Nodes): readonly Element[] {
  return nodes.filter(isTag)
}

export function childOf(element: Element, ...names: readonly string[]): Element | undefined {
  return elementsOf(element.children).find(({ name }) => names.includes(name))
}

export function attributeOf(element: Element, name: string): string | undefined {
  const value = element.attribs[name]
  return value === undefined ? undefined : decodeHTML(value)
}

/** Elements of this name, at any depth. */
export function* descendants(nodes: Nodes, name: string): Generator<Element, void, void> {
  const open = [...nodes].reverse()
  for (let node = open.pop(); node; node = open.pop()) {
    if (!('children' in node)) continue
    if (isTag(node) && node.name === name) yield node
    for (let i = node.children.length - 1; i >= 0; i--) open.push(node.children[i]!)
  }
}
