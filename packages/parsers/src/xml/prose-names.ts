import { attributeOf } from './attributes.ts'

/** What the elements of DocBook, DITA, JATS, TEI and patents are as elements of HTML. */
const names: Readonly<Record<string, string>> = {
  p: 'p para simpara shortdesc subtitle abstract-title subtitle ab l attrib speech license-p claim-text ref bibliomixed biblioentry bibl corresp aff remark v text-author copyright-statement disp-formula',
  ul: 'ul itemizedlist simplelist sl substeps-unordered steps-unordered choices',
  ol: 'ol orderedlist procedure steps substeps steps-ordered',
  li: 'li listitem list-item step substep member sli choice callout',
  dl: 'dl variablelist def-list glosslist',
  dt: 'dt',
  dd: 'dd def glossdef',
  table: 'table informaltable simpletable properties',
  thead: 'thead sthead',
  tbody: 'tbody',
  tfoot: 'tfoot',
  tr: 'row tr strow property',
  td: 'entry td stentry proptype propvalue propdesc cell',
  th: 'th',
  blockquote: 'blockquote disp-quote lq epigraph',
  pre: 'pre programlisting screen codeblock preformat literallayout msgblock synopsis',
  code: 'literal command filename codeph monospace tt code option replaceable userinput computeroutput systemoutput varname cmdname function classname methodname parameter constant envar prompt systemitem tag sgmltag kbd',
  b: 'bold b strong uicontrol guibutton guimenu guimenuitem guilabel',
  i: 'italic i em emphasis hi citetitle cite firstterm foreignphrase',
  del: 'strike',
  sup: 'sup superscript',
  a: 'ulink link ext-link xref uri a url',
}

export const htmlNames: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([tag, all]) => all.split(' ').map((name): [string, string] => [name, tag])),
)

const set = (text: string): ReadonlySet<string> => new Set(text.split(' '))

/** Elements of HTML that hold running text. */
export const flowTags: ReadonlySet<string> = set('p li dt dd td th blockquote pre')
export const inlineTags: ReadonlySet<string> = set('code b i del sup a')

export const sections: ReadonlySet<string> = set(
  'sec section chapter article book part appendix preface topic concept task reference refsect1 refsect2 sect1 sect2 sect3 sect4 sect5 glossary bibliography abstract ack dedication simplesect div div1 div2 div3 app ref-list boxed-text bookmap glossentry refentry level1 level2 level3 level4 tei.2 tei us-patent-grant us-patent-application patent-application-publication',
)
/** Beside a section's own title; they are no level of their own. */
export const wrappers: ReadonlySet<string> = set(
  'title-group info bookinfo articleinfo chapterinfo sectioninfo prolog title-info titlestmt technical-information',
)
/** What a document is called, wherever it stands. */
export const documentTitles: ReadonlySet<string> = set('article-title invention-title title-of-invention book-title')
/** One line each: who wrote it, and when. */
export const people: ReadonlySet<string> = set(
  'contrib author editor inventor first-named-inventor us-applicant applicant assignee',
)
export const authors: ReadonlySet<string> = set('contrib author inventor first-named-inventor')
export const dates: ReadonlySet<string> = set('pub-date date pubdate')
export const footnotes: ReadonlySet<string> = set('footnote fn note-inline')
export const headings: ReadonlySet<string> = set('title heading head bridgehead')
export const skipped: ReadonlySet<string> = set(
  'processing-meta restricted-by contrib-id colspec spanspec indexterm binarydata bindata object-id counts custom-meta-group',
)
export const breaks: ReadonlySet<string> = set('br break lb sbr')

const roots: ReadonlySet<string> = set(
  'article book chapter section topic concept task reference dita bookmap tei tei.2 refentry part appendix preface glossary us-patent-application us-patent-grant patent-application-publication nitf dtbook fictionbook',
)

/** Their text is told without their name. */
export const bare: ReadonlySet<string> = set(
  'caption body text note tip warning important caution sidebar authorgroup license copyright legalnotice div conbody taskbody refbody front back objdesc textobject mediaobject description claim',
)

/** The element of HTML that stands for another; undefined for one that is not known. */
export function tagOf(
  name: string,
  parent: string | undefined,
  flows: boolean,
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  const kind =
    attributeOf(attributes, 'list-type') ?? attributeOf(attributes, 'type') ?? attributeOf(attributes, 'rend') ?? ''
  switch (name) {
    case 'list':
      return /^(order|arabic|alpha|roman|number)/.test(kind) ? 'ol' : 'ul'
    case 'item':
      return parent === 'list' ? 'li' : undefined
    case 'term':
    case 'glossterm':
      return /^(varlistentry|def-item|glossentry|dlentry)$/.test(parent ?? '') ? 'dt' : undefined
    case 'listitem':
      return parent === 'varlistentry' ? 'dd' : 'li'
    case 'code':
      return flows ? 'code' : 'pre'
    case 'math':
    case 'x':
      return flows ? undefined : 'p'
    case 'emphasis':
    case 'hi':
      return /bold|strong/.test(attributeOf(attributes, 'role') ?? kind) ? 'b' : 'i'
    default:
      return htmlNames.get(name)
  }
}

/** Whether a document of this root is one to be read, in a vocabulary that is known here. */
export function isProse(root: string): boolean {
  return roots.has(root.toLowerCase())
}
