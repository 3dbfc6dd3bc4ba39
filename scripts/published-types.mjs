// What attw says of each published package: do its types lead where its JavaScript does? All in one process, from what
// is built: the command line would pack and load TypeScript anew for each, ten times as slow.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, Package } from '@arethetypeswrong/core'

/** These packages are ES modules and nothing else: attw's profile esm-only. */
const notForUs = new Set(['node10', 'node16-cjs'])

let wrong = 0
for (const file of globSync('{packages,plugins,apps}/*/package.json')) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  if (manifest.private) continue
  const folder = join(file, '..')
  const inside = manifest.files.flatMap((name) =>
    globSync(`${name}{,/**/*.{js,ts,json}}`, { cwd: folder, withFileTypes: true }),
  )
  const paths = inside.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name))
  const files = Object.fromEntries(
    [file, ...paths].map((path) => [
      `/node_modules/${manifest.name}/${path.slice(folder.length + 1)}`,
      readFileSync(path, 'utf8'),
    ]),
  )
  const result = await checkPackage(new Package(files, manifest.name, manifest.version))
  const problems = result.types ? result.problems.filter(({ resolutionKind }) => !notForUs.has(resolutionKind)) : []
  if (manifest.exports && !result.types) problems.push({ kind: 'NoTypes' })
  for (const problem of problems) console.error(`${manifest.name}: ${JSON.stringify(problem)}`)
  wrong += problems.length
}
process.exit(wrong > 0 ? 1 : 0)
