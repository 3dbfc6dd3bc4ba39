import { readFileSync, writeFileSync } from 'node:fs'
import { sourceLaws } from '../src/laws/index.ts'

const readme = new URL('../README.md', import.meta.url)
const example = new URL('./example/conformance.fixture.ts', import.meta.url)

function between(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`]
  return text.slice(0, text.indexOf(open) + open.length) + content + text.slice(text.indexOf(close))
}

function lawTable(): string {
  const rows = sourceLaws.map(({ id, reason, needs = '' }) => `| \`${id}\` | ${reason} | ${needs} |\n`)
  return `| law | why | not applicable without |\n|---|---|---|\n${rows.join('')}`
}

/** The README as it should be: its example is the tested file, its table is made from the laws. */
export function renderReadme(): { readonly is: string; readonly should: string } {
  const is = readFileSync(readme, 'utf8')
  const source = `\`\`\`ts\n${readFileSync(example, 'utf8')}\`\`\`\n`
  return { is, should: between(between(is, 'example', source), 'laws', lawTable()) }
}

if (process.argv.includes('--write')) writeFileSync(readme, renderReadme().should)
