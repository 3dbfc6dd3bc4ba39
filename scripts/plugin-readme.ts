// What the plugins' READMEs say of configuration, scopes and limits, held against their definitions. Types and defaults are
// written by this script, the words beside them by people. `--check` fails when one of them is behind.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { JsonSchema, SourceConnector } from '@cx/core'
import { cells, codesIn, problemsOf, section, sections, tablesIn } from './readme-tables.ts'

const headings = [
  'What it takes',
  'Configuration',
  'Credentials and least privilege',
  'What becomes a document',
  'Changes and deletions',
  'Permissions',
  'Limits',
  'Errors',
]
const check = process.argv.includes('--check')
const problems: string[] = []

for (const file of globSync('plugins/*/src/index.ts').sort()) {
  const folder = dirname(dirname(file))
  const path = `${folder}/README.md`
  const { default: connector } = (await import(resolve(file))) as { default: SourceConnector }
  const readme = readFileSync(path, 'utf8')
  const found = problemsOf(path)
  if (sections(readme).join() !== headings.join()) found(`has the headings ${sections(readme).join(' · ')}`)
  else {
    const next = withConfig(readme, connector)
    if (next !== readme) {
      if (check) found('is behind the definition: run `npx pnpm@10 readme`')
      else writeFileSync(path, next)
    }
    checkMethods(readme, connector, found)
    checkScopes(readme, connector, found)
    checkLimits(readme, connector, found)
    checkErrors(readme, folder, found)
  }
  problems.push(...found.list)
}
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}

/** One row for each field, in the order of the schema, with its own words kept. */
function withConfig(readme: string, { config }: SourceConnector): string {
  const text = section(readme, 'Configuration')
  const [table = ''] = tablesIn(text)
  const notes = new Map(cells(table).map((row) => [row[0]?.replaceAll('`', '') ?? '', row.at(-1) ?? '']))
  const rows = Object.entries(config.properties ?? {}).map(([name, schema]) => {
    const value = config.required?.includes(name) ? 'required' : shown(schema.default)
    return `| \`${name}\` | ${typeOf(schema)} | ${value} | ${notes.get(name) || escaped(schema.description ?? schema.title ?? '')} |`
  })
  const made = ['| field | type | default | |', '| --- | --- | --- | --- |', ...rows].join('\n')
  return readme.replace(text, text.replace(table, made))
}

function typeOf({ type, enum: values, items, properties }: JsonSchema): string {
  if (values) return values.map((value) => `\`${value}\``).join(', ')
  if (type === 'array') return `list of ${items?.properties ? `${objectOf(items)} objects` : `${items?.type}s`}`
  if (properties) return objectOf({ properties })
  return type ?? 'any'
}

function objectOf({ properties = {} }: JsonSchema): string {
  return `\`{ ${Object.keys(properties).join(', ')} }\``
}

function shown(value: unknown): string {
  return value === undefined || value === '' ? '' : `\`${JSON.stringify(value).replace(/^"(.*)"$/, '$1')}\``
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Each way in is named. */
function checkMethods(readme: string, { auth }: SourceConnector, found: (problem: string) => void): void {
  const text = section(readme, 'Credentials and least privilege')
  for (const method of Object.keys(auth))
    if (!text.includes(`\`${method}\``)) found(`does not name the way in \`${method}\``)
}

/** The table `scope | used for | without it` has the scopes that are asked for, no more and no fewer. */
function checkScopes(readme: string, { auth }: SourceConnector, found: (problem: string) => void): void {
  const asked = new Set(Object.values(auth).flatMap((one) => (one.kind === 'oauth2' ? one.scopes.map(short) : [])))
  const text = section(readme, 'Credentials and least privilege')
  const table = tablesIn(text).find((one) => /^\| (scope|capability|permission|right)\b/.test(one))
  if (!table) {
    found('has no table of what each right is for and what is missing without it')
    return
  }
  const [head = []] = cells(table, 0)
  if (head.slice(1).join() !== 'used for,without it') found(`names the columns of its rights ${head.join(' | ')}`)
  const named = cells(table).flatMap((row) => [...(row[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, scope]) => scope!))
  if (/^\| scope\b/.test(table)) {
    const optional = cells(table)
      .flatMap((row) => (/\(not asked for\)/.test(row[0] ?? '') ? [row[0]!] : []))
      .join(' ')
    for (const scope of asked) if (!named.includes(scope)) found(`does not say what the scope ${scope} is for`)
    for (const scope of named)
      if (!asked.has(scope) && !optional.includes(`\`${scope}\``))
        found(`names the scope ${scope}, which is not asked for`)
  } else if (asked.size > 0) found('has scopes, and a table of something else')
  for (const row of cells(table)) if (row.some((cell) => cell === '')) found(`leaves a cell empty beside ${row[0]}`)
}

/** Google's scopes are addresses; their last part tells them apart. */
function short(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1)
}

/** The table `limit | figure | how it is kept` has the definition's own figures. */
function checkLimits(readme: string, { limits = {} }: SourceConnector, found: (problem: string) => void): void {
  const table = tablesIn(section(readme, 'Limits')).find((one) => one.startsWith('| limit'))
  if (!table) {
    found('has no table of limits')
    return
  }
  const [head = []] = cells(table, 0)
  if (head.join() !== 'limit,figure,how it is kept') found(`names the columns of its limits ${head.join(' | ')}`)
  const figures = new Map(cells(table).map(([limit = '', figure = '']) => [limit, figure]))
  const expected: readonly (readonly [string, number | undefined])[] = [
    ['reads at once', limits.concurrency],
    ['calls a minute', limits.requestsPerMinute],
    ['calls at once after a quiet time', limits.burst],
    ['calls a minute while nothing is refused', limits.upToPerMinute],
  ]
  for (const [limit, figure] of expected) {
    const said = figures.get(limit)
    if (figure === undefined ? said !== undefined : said !== String(figure))
      found(`says ${said ?? 'nothing'} of "${limit}", and the definition ${figure ?? 'nothing'}`)
  }
}

/** Every code in the table of errors can be thrown and is provoked by a test; every code that is thrown stands there. */
function checkErrors(readme: string, folder: string, found: (problem: string) => void): void {
  const said = codesIn(tablesIn(section(readme, 'Errors')).join('\n'))
  const source = globSync(`${folder}/src/**/*.ts`, { exclude: ['**/*.test.ts'] }).map((file) =>
    readFileSync(file, 'utf8'),
  )
  const tests = globSync(`${folder}/{test,src}/**/*.test.ts`).map((file) => readFileSync(file, 'utf8'))
  const thrown = codesIn(source.join('\n'), "'")
  const provoked = codesIn(tests.join('\n'), "'")
  for (const code of said) {
    if (!thrown.has(code)) found(`names the error ${code}, which is never thrown`)
    if (!provoked.has(code)) found(`names the error ${code}, which no test provokes`)
  }
  for (const code of thrown) if (!said.has(code)) found(`does not say when the error ${code} comes`)
}
