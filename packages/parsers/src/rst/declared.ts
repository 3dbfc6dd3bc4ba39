import type { Declared } from './inline.ts'

/** One pass for what lines anywhere may refer to: targets with their addresses, substitutions with their texts. */
export function declarations(lines: readonly string[]): Declared {
  const targets = new Map<string, string>()
  const substitutions = new Map<string, string>()
  lines.forEach((line, index) => {
    const said = line.trimStart()
    if (!said.startsWith('.. ')) return
    const target = /^\.\. _(?:`([^`]{1,200})`|([^:`]{1,200}(?::[^\s:]{1,100})?)):(?:\s+(.*))?$/.exec(said)
    if (target !== null) {
      const name = (target[1] ?? target[2] ?? '').replace(/\s+/g, ' ').toLowerCase()
      const address = (target[3] ?? '').trim() || continued(lines[index + 1])
      targets.set(name, address.endsWith('_') && !address.includes('/') ? '' : address)
      return
    }
    const substitution = /^\.\. \|([^|]{1,100})\| (replace|image|unicode)::\s*(.*)$/.exec(said)
    if (substitution === null) return
    const [, name = '', kind, value = ''] = substitution
    substitutions.set(name, kind === 'replace' ? value : kind === 'image' ? `![${name}](${value})` : name)
  })
  return { targets, substitutions }
}

function continued(line: string | undefined): string {
  return line !== undefined && /^\s+\S+$/.test(line) ? line.trim() : ''
}
