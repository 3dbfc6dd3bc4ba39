// README's table of sources, made from the plugins' own definitions. `--check` fails when README is behind.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeConnector } from '@cx/core/engine'

const [begin, end] = ['<!-- plugins -->', '<!-- /plugins -->']
const rows = []
for (const file of globSync('plugins/*/src/index.ts').sort()) {
  const { default: connector } = await import(resolve(file))
  const { type, title, config, auth, capabilities } = describeConnector(connector)
  const folder = file.split('/')[1]
  const fields = Object.keys(config.properties ?? {}).filter((name) => !['apiUrl'].includes(name))
  const shown = fields.slice(0, 6).map((name) => `\`${name}\``)
  const can = Object.entries(capabilities).flatMap(([name, has]) => (has ? [name] : []))
  rows.push(
    `| [${title}](plugins/${folder}) | \`${type}\` | ${shown.join(', ')}${fields.length > shown.length ? ', …' : ''} | ${auth.map(({ title }) => title).join(', ') || '—'} | ${can.join(', ')} |`,
  )
}
const table = [
  '| source | type | configuration | ways in | besides listing and reading |',
  '|---|---|---|---|---|',
  ...rows,
].join('\n')
const readme = readFileSync('README.md', 'utf8')
const from = readme.indexOf(begin) + begin.length
const next = `${readme.slice(0, from)}\n${table}\n${readme.slice(readme.indexOf(end))}`
if (process.argv.includes('--check')) {
  if (next !== readme) {
    console.error('README’s table of sources is behind the plugins: run `npx pnpm@10 readme`.')
    process.exit(1)
  }
} else writeFileSync('README.md', next)
