/** What is known of an element by its name. */
export type Role = 'paragraph' | 'inline' | 'section' | 'title' | 'binary' | 'run'

const names: Readonly<Record<Role, string>> = {
  // DocBook, DITA, JATS, TEI, XHTML, and the flat forms of office documents.
  paragraph:
    'p para simpara formalpara shortdesc article-title subtitle abstract-title td th entry caption dt dd li cmd ab l w:p text:p text:h',
  inline:
    'italic bold sub sup sc monospace underline emphasis b i em strong a span u tt code literal link ulink xref ext-link uri email ph codeph term hi ref seg rs name-content named-content styled-content inline-formula quote phrase filename command option replaceable userinput acronym abbrev firstterm foreignphrase citetitle br',
  section:
    'sec section chapter article book part appendix preface topic concept task reference refsect1 refsect2 sect1 sect2 sect3 sect4 sect5 item channel feed abstract body back glossary bibliography',
  title: 'title',
  run: '',
  binary: 'binarydata bindata w:bindata pkg:binarydata office:binary-data',
}

const roles: ReadonlyMap<string, Role> = new Map(
  (Object.keys(names) as Role[]).flatMap((role) => names[role].split(' ').map((name): [string, Role] => [name, role])),
)

const inlineNames: ReadonlySet<string> = new Set(names.inline.split(' '))

const spaces: ReadonlySet<string> = new Set(['w:tab', 'w:br', 'w:cr', 'text:tab', 'text:s', 'text:line-break'])
/** In data, other names of this vocabulary are names of fields. */
const prose: ReadonlySet<string> = new Set(['p', 'para', 'simpara', 'binarydata', 'bindata'])

/** By an element's own name, else by the one without its prefix. */
export function roleOf(
  name: string,
  { isDocument, isFeed }: { isDocument: boolean; isFeed: boolean },
): Role | undefined {
  const lower = name.toLowerCase()
  if (isFeed && lower === 'entry') return 'section'
  const local = lower.slice(lower.indexOf(':') + 1)
  if (!isDocument && !prose.has(local)) return undefined
  const role = roles.get(lower) ?? roles.get(local)
  if (role !== undefined) return role
  // Runs of office documents split words.
  return (lower.startsWith('w:') || lower.startsWith('text:')) && !spaces.has(lower) ? 'run' : undefined
}

/** Whether an element within a sentence is no gap between words. */
export function isJoined(name: string, role: Role | undefined): boolean {
  return role === 'run' || role === 'inline' || inlineNames.has(name.toLowerCase())
}

const documents: ReadonlySet<string> = new Set(
  'article book chapter section topic concept task reference dita bookmap tei text html svg feed rss w:worddocument pkg:package office:document office:document-content refentry set us-patent-application us-patent-grant patent-application-publication nitf dtbook fictionbook ead manual help'.split(
    ' ',
  ),
)

/** Whether the attributes of documents of this root are for programs, and not what is to be read. */
export function isDocument(root: string): boolean {
  return documents.has(root.toLowerCase())
}
