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
}

export const kinds: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(names) as Kind[]).flatMap((kind) => names[kind].split(' ').map((name): [string, Kind] => [name, kind])),
)

/** Only within the element they were opened in; one that is closed out of order leaves the others open. */
export const formatting: ReadonlySet<Kind> = new Set<Kind>(['look', 'link', 'sup', 'ruby', 'marks'])
