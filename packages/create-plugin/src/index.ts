import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export interface NewPlugin {
  /** Folder to create; its last part names the connector unless `name` does. */
  readonly folder: string
  /** snake_case, such as `google_drive`. */
  readonly name?: string
  /** For people, such as `Google Drive`. */
  readonly title?: string
}

/** Files of the template that are about folders alone. */
const leftOut = new Set(['test/filesystem.test.ts', 'package.json', 'README.md'])

/**
 * Starts a connector in a new folder: the filesystem plugin under another name, with its conformance test.
 *
 * @throws Error when the folder has something in it, or the name is no snake_case.
 */
export async function createPlugin({
  folder,
  ...given
}: NewPlugin): Promise<{ readonly name: string; readonly files: readonly string[] }> {
  const target = resolve(folder)
  const name = given.name ?? snakeCase(basename(target).replace(/^cx-plugin-/, ''))
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw new Error(`The name ${JSON.stringify(name)} must be snake_case, such as "google_drive". Pass --name.`)
  if (existsSync(target) && (await readdir(target)).length > 0)
    throw new Error(`${target} is not empty. Choose a folder that does not exist yet.`)
  const title = given.title ?? name.split('_').map(capital).join(' ')
  const template = templateFolder()
  const manifest = JSON.parse(await readFile(manifestFile(template), 'utf8')) as Manifest
  const files = new Map<string, string>()
  for (const path of (await readdir(template, { recursive: true })).sort()) {
    if (!/^(src|test)\/.*\.ts$/.test(path) || leftOut.has(path)) continue
    const text = await readFile(join(template, path), 'utf8')
    files.set(
      path,
      text
        .replaceAll("name: 'filesystem'", `name: '${name}'`)
        .replaceAll(
          "title: 'Folder',\n  description: 'Files",
          `title: ${JSON.stringify(title)},\n  description: 'Files`,
        )
        .replaceAll('const filesystem:', `const ${camelCase(name)}:`)
        .replaceAll('export default filesystem', `export default ${camelCase(name)}`),
    )
  }
  files.set('package.json', `${JSON.stringify(manifestOf(name, title, manifest), null, 2)}\n`)
  files.set('tsconfig.json', `${JSON.stringify(tsconfig, null, 2)}\n`)
  files.set('README.md', readmeOf(name, title))
  for (const [path, text] of files) {
    await mkdir(dirname(join(target, path)), { recursive: true })
    await writeFile(join(target, path), text)
  }
  return { name, files: [...files.keys()] }
}

interface Manifest {
  readonly version: string
  readonly engines: unknown
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Beside the built package; in a checkout the plugin itself. */
function templateFolder(): string {
  const published = join(import.meta.dirname, '../template')
  return existsSync(published) ? published : join(import.meta.dirname, '../../../plugins/filesystem')
}

const manifestFile = (template: string): string =>
  join(template, existsSync(join(template, 'manifest.json')) ? 'manifest.json' : 'package.json')

function manifestOf(
  name: string,
  title: string,
  { version, engines, dependencies, devDependencies }: Manifest,
): object {
  const ours = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(all).map(([key, range]) => [key, range.startsWith('workspace:') ? `^${version}` : range]),
    )
  return {
    name: `cx-plugin-${name.replaceAll('_', '-')}`,
    version: '0.1.0',
    description: `cx connector: ${title}.`,
    type: 'module',
    engines,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    scripts: {
      build: 'tsc',
      test: 'vitest run',
      laws: 'npm run build && cx-testing ./dist/index.js --fixture ./test/conformance.fixture.ts',
    },
    dependencies,
    peerDependencies: { '@cx/core': `^${version}` },
    devDependencies: { ...ours(devDependencies), '@types/node': '^24.0.0', typescript: '^7.0.0' },
  }
}

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    declaration: true,
    skipLibCheck: true,
    rootDir: 'src',
    outDir: 'dist',
  },
  include: ['src'],
}

function readmeOf(name: string, title: string): string {
  return `# ${title} for cx

A connector of type \`${name}\`. It begins as a copy of cx's folder connector: replace \`src/client.ts\` by calls to your
source, one verb at a time, and keep \`npm test\` green. \`npm run laws\` prints the score card.

## What it takes
## Configuration
## Credentials and least privilege
## What becomes a document
## Changes and deletions
## Permissions
## Limits
## Errors
`
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const snakeCase = (text: string): string =>
  text
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
