/** What an element is to the text. Those that are not here are as if their tags were not. */
export type Kind =
  | 'block'
  | 'heading'
  | 'list'
  | 'item'
  | 'terms'
  | 'term'
  | 'definition'
  | 'quote'
  | 'table'
  | 'rows'
  | 'row'
  | 'cell'
  | 'caption'
  | 'pre'
  | 'look'
  | 'link'
  | 'sup'
  | 'ruby'
  | 'marks'
  | 'image'
  | 'break'
  | 'rule'
  | 'apart'
  | 'field'
  | 'math'
  | 'raw'
  | 'plain'
  | 'hidden'
  | 'frame'
  | 'base'
  | 'meta'

const names: Readonly<Record<Kind, string>> = {
  block:
    'p div section article aside main header footer nav address form fieldset legend center details summary dialog figure figcaption hgroup html head body menu optgroup frameset search',
  heading: 'h1 h2 h3 h4 h5 h6',
  list: 'ul ol dir',
  item: 'li',
  terms: 'dl',
  term: 'dt',
  definition: 'dd',
  quote: 'blockquote',
  table: 'table',
  rows: 'thead tbody tfoot',
  row: 'tr',
  cell: 'td th',
  caption: 'caption',
  pre: 'pre listing',
  look: 'b strong i em cite dfn var del s strike code kbd samp tt',
  link: 'a',
  sup: 'sup',
  ruby: 'rt',
  marks: 'q',
  image: 'img',
  break: 'br',
  rule: 'hr',
  // Shown apart from what is beside them, although no space is between.
  apart: 'button select option label svg text desc object video audio canvas',
  field: 'input',
  math: 'math',
  raw: 'script style iframe noembed title',
  plain: 'textarea xmp',
  hidden: 'noscript template rp noframes datalist annotation annotation-xml',
  frame: 'frame',
  base: 'base',
  meta: 'meta link',
}

/** Only within the element they were opened in; one that is closed out of order leaves the others open. */
const formatting: ReadonlySet<Kind> = new Set<Kind>(['look', 'link', 'sup', 'ruby', 'marks'])

/** Bits of a run's look. */
export const bold = 1
export const italic = 2
export const struck = 4
export const code = 8

const looks: Readonly<Record<string, number>> = {
  b: bold,
  strong: bold,
  i: italic,
  em: italic,
  cite: italic,
  dfn: italic,
  var: italic,
  del: struck,
  s: struck,
  strike: struck,
  code,
  kbd: code,
  samp: code,
  tt: code,
}

/** An element that is known. */
export interface Tag {
  readonly name: string
  readonly kind: Kind
  /** Counts from 0. */
  readonly id: number
  readonly isFormat: boolean
  readonly look: number
}

const tags: readonly Tag[] = (Object.keys(names) as Kind[])
  .flatMap((kind) => names[kind].split(' ').map((name) => ({ name, kind })))
  .map(({ name, kind }, id) => ({ name, kind, id, isFormat: formatting.has(kind), look: looks[name] ?? 0 }))

export const tagCount: number = tags.length

const slotMask = 1023
const slots: (Tag | undefined)[] = new Array(slotMask + 1).fill(undefined)

/** Goes on over a name's characters, in any case; begins with 0. */
export function nextHash(hash: number, code: number): number {
  return (Math.imul(hash, 33) + (code | 32)) | 0
}

for (const tag of tags) {
  let at = [...tag.name].reduce((hash, char) => nextHash(hash, char.charCodeAt(0)), 0) & slotMask
  while (slots[at] !== undefined) at = (at + 1) & slotMask
  slots[at] = tag
}

/** The element whose name stands there, in any case; without making a string of each of a page's names. */
export function tagAt(bytes: Uint8Array, start: number, end: number, hash: number): Tag | undefined {
  for (let at = hash & slotMask; ; at = (at + 1) & slotMask) {
    const tag = slots[at]
    if (tag === undefined) return undefined
    const { name } = tag
    if (name.length !== end - start) continue
    let n = 0
    while (n < name.length && (bytes[start + n]! | 32) === name.charCodeAt(n)) n++
    if (n === name.length) return tag
  }
}
