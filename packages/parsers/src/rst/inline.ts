/** What the whole document declares and any of its lines may use. */
export interface Declared {
  /** `.. _name: url`, names in lower case. */
  readonly targets: ReadonlyMap<string, string>
  /** `.. |name| replace:: text`, and pictures in Markdown. */
  readonly substitutions: ReadonlyMap<string, string>
}

const markup = new RegExp(
  [
    '``([^`\\n](?:[^`]|`(?!`)){0,1000}?)``',
    ':([\\w:+.-]{1,60}):`([^`]{1,1000})`',
    '`([^`]{1,1000})`(__?|:[\\w:+-]{1,60}:)?',
    '\\|([^|\\s](?:[^|\\n]{0,58}[^|\\s])?)\\|(?:__?)?',
    '\\[([#*]?[\\w.-]{0,60})\\]_',
    '(?<![\\w`*/.:-])([A-Za-z][\\w.-]{0,60})__?(?![\\w`])',
    '\\\\([\\s\\S])',
  ].join('|'),
  'g',
)
/** Roles whose text is prose; that of all others is code. */
const prose = new Set(
  'ref doc term any numref guilabel menuselection abbr abbreviation emphasis strong sub sup subscript superscript title cite dfn download issue user pr gh eq'.split(
    ' ',
  ),
)

/** Roles, links, substitutions and literals of reStructuredText to Markdown. */
export function inline(text: string, declared: Declared): string {
  if (!/[`|\\_]/.test(text)) return text
  return text.replace(
    markup,
    (whole, literal?: string, role?: string, interpreted?: string, quoted?: string, after?: string, ...rest) => {
      const [substitution, footnote, word, escaped] = rest as (string | undefined)[]
      if (literal !== undefined) return `\`${literal}\``
      if (role !== undefined) return ofRole(role, interpreted ?? '')
      if (quoted !== undefined) return ofQuoted(quoted, after ?? '', declared)
      if (substitution !== undefined) return declared.substitutions.get(substitution) ?? substitution
      if (footnote !== undefined) return `[${footnote}]`
      if (word !== undefined) return ofName(word, declared) ?? whole
      return escaped === undefined ? whole : /\s/.test(escaped) ? '' : `\\${escaped}`
    },
  )
}

function ofRole(role: string, text: string): string {
  const name = role.slice(role.lastIndexOf(':') + 1).toLowerCase()
  const { label } = embedded(text)
  if (name === 'math') return `$${text}$`
  if (name === 'pep' || name === 'rfc') return `${name.toUpperCase()} ${label}`
  if (prose.has(name)) return label
  // `~a.b.c` shows its last part only.
  return `\`${label.startsWith('~') ? label.slice(label.lastIndexOf('.') + 1).replace('~', '') : label.replace(/^!/, '')}\``
}

function ofQuoted(text: string, after: string, declared: Declared): string {
  if (after.startsWith(':')) return ofRole(after.slice(1, -1), text)
  if (after === '') return `\`${text}\``
  const { label, target } = embedded(text)
  if (target === undefined) return ofName(label, declared) ?? label
  if (!target.endsWith('_')) return `[${label}](${target})`
  return ofName(target.slice(0, -1), declared, label) ?? label
}

function ofName(name: string, { targets }: Declared, label: string = name): string | undefined {
  const target = targets.get(name.replace(/\s+/g, ' ').toLowerCase())
  return target === undefined ? undefined : target === '' ? label : `[${label}](${target})`
}

/** `label <target>`, or a target alone. */
function embedded(text: string): { label: string; target?: string } {
  const open = text.endsWith('>') ? text.lastIndexOf('<') : -1
  if (open === -1) return { label: text.replace(/\s+/g, ' ') }
  const target = text.slice(open + 1, -1).replace(/\s+/g, '')
  const label = text.slice(0, open).replace(/\s+/g, ' ').trim()
  return { label: label === '' ? target : label, target }
}
