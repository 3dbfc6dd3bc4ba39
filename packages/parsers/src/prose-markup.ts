export interface Prose {
  readonly markdown: string
  readonly title?: string
  readonly author?: string
  readonly date?: string
}

interface Language {
  /** Level and text of a line that is a heading. */
  heading(line: string): readonly [level: number, text: string] | undefined
  /** `title`, `author` or `date`, said in a line of its own. */
  readonly field?: RegExp
  /** The line that opens code, with its language if it says one, and what closes it. */
  readonly code?: RegExp
  readonly codeEnd?: RegExp
  /** Lines that nobody sees. */
  readonly hidden?: RegExp
}

const sections = ['chapter', 'section', 'subsection', 'subsubsection', 'paragraph', 'subparagraph']

function byRun(sign: string): Language['heading'] {
  const pattern = new RegExp(`^(\\${sign}{1,6})[ \\t]+(\\S.*)$`)
  return (line) => {
    const found = pattern.exec(line)
    return found === null ? undefined : [found[1]!.length, found[2]!.trim()]
  }
}

/** Languages of prose whose headings are one line each, by the names that Markdown's fences use. */
const languages: Readonly<Record<string, Language>> = {
  // https://orgmode.org/worg/org-syntax.html
  org: {
    heading: byRun('*'),
    field: /^#\+(title|author|date):\s*(.*)$/i,
    code: /^\s*#\+begin_(?:src|example)(?:\s+(\S+))?/i,
    codeEnd: /^\s*#\+end_(?:src|example)/i,
    hidden: /^\s*(?:#(?: |$)|:(?:PROPERTIES|END|CUSTOM_ID|ID):)/,
  },
  asciidoc: {
    heading: byRun('='),
    field: /^:(title|author|revdate|date):\s*(.*)$/,
    code: /^-{4,}\s*()$/,
    codeEnd: /^-{4,}\s*$/,
    hidden: /^\/\/(?!\/)/,
  },
  typst: { heading: byRun('='), hidden: /^\/\// },
  mediawiki: {
    heading: (line) => {
      const text = line.trimEnd()
      let level = 0
      while (text[level] === '=' && text.at(-1 - level) === '=' && level < 6) level++
      const title = text.slice(level, -level || undefined).trim()
      return level === 0 || title === '' || title.startsWith('=') ? undefined : [level, title]
    },
  },
  textile: {
    heading: (line) => {
      const found = /^h([1-6])(?:[({[][^.]{0,80})?\.\s+(.*)$/.exec(line)
      return found === null ? undefined : [Number(found[1]), found[2]!]
    },
  },
  latex: {
    heading: (line) => {
      const found = /^\s*\\(\w{1,20})\*?(?:\[[^\]]{0,200}\])?\{(.{1,300}?)\}(?:\s*\\label\{[^}]{0,200}\})?\s*$/.exec(
        line,
      )
      const level = found === null ? -1 : sections.indexOf(found[1]!)
      return level < 0 ? undefined : [level + 1, found![2]!]
    },
    field: /^\s*\\(title|author|date)\{(.*)\}\s*$/,
    code: /^\s*\\begin\{(?:verbatim|lstlisting|minted)\}()/,
    codeEnd: /^\s*\\end\{(?:verbatim|lstlisting|minted)\}/,
    hidden: /^\s*%/,
  },
}

/** Text in a language of prose with its headings and code as Markdown's; undefined for a language that has none. */
export function proseToMarkdown(text: string, language: string): Prose | undefined {
  const rules = languages[language]
  if (rules === undefined) return undefined
  const fields = new Map<string, string>()
  const out: string[] = []
  let heading: string | undefined
  let inCode = false
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (line.length > 2_000) {
      out.push(line)
      continue
    }
    if (inCode) {
      inCode = rules.codeEnd?.test(line) !== true
      out.push(inCode ? line : '```')
      continue
    }
    const code = rules.code?.exec(line)
    const field = rules.field?.exec(line)
    const found = rules.heading(line)
    if (code) {
      inCode = true
      out.push(`\`\`\`${code[1] ?? ''}`)
    } else if (field) {
      const name = field[1]!.toLowerCase().replace('revdate', 'date')
      if (!fields.has(name)) fields.set(name, field[2]!.trim())
      out.push(line)
    } else if (found !== undefined) {
      heading ??= found[1]
      out.push('', `${'#'.repeat(found[0])} ${found[1]}`, '')
    } else if (rules.hidden?.test(line) !== true) out.push(line)
  }
  const title = plain(fields.get('title') || heading)
  const author = plain(fields.get('author'))
  const date = fields.get('date')
  return {
    markdown: out
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    ...(title && { title }),
    ...(author && { author }),
    ...(date && { date }),
  }
}

/** Without commands of LaTeX and their braces. */
function plain(text: string | undefined): string | undefined {
  return text
    ?.replace(/\\(?:[a-zA-Z]{1,40}\*?|\\)/g, ' ')
    .replace(/[{}]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}
