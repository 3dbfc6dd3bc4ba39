import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SourceConnector } from '@cx/core'
import type { Fixture } from './fixture.ts'

/** The command was used wrongly; the message says how to use it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Loads a connector module (default export) and its fixture: of `fixturePath`, the module's own export `fixture`, or the
 * file `conformance.fixture` beside the module, in this folder or in its `test` folder.
 *
 * @throws UsageError
 */
export async function load(
  modulePath: string,
  fixturePath: string | undefined,
): Promise<{ readonly connector: SourceConnector; readonly fixture: Fixture }> {
  const module = await importFile(modulePath)
  const connector = module.default as SourceConnector | undefined
  if (typeof connector?.list !== 'function' || typeof connector.connect !== 'function')
    throw new UsageError(
      `${modulePath} has no connector as its default export. Write: export default defineConnector({ … })`,
    )
  if (fixturePath !== undefined) return { connector, fixture: fixtureOf(await importFile(fixturePath), fixturePath) }
  if (module.fixture !== undefined) return { connector, fixture: fixtureOf(module, modulePath) }
  const found = [dirname(modulePath), '.', 'test']
    .flatMap((folder) => ['.js', '.mjs', '.ts'].map((end) => join(folder, `conformance.fixture${end}`)))
    .find((path) => existsSync(path))
  if (found === undefined)
    throw new UsageError(
      `There is no fixture for ${modulePath}: export \`fixture\` from it, or write conformance.fixture.js beside it, or give --fixture <file>.`,
    )
  return { connector, fixture: fixtureOf(await importFile(found), found) }
}

async function importFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  const file = resolve(path)
  if (!existsSync(file)) throw new UsageError(`There is no file ${path}.`)
  return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>
}

function fixtureOf(module: Readonly<Record<string, unknown>>, path: string): Fixture {
  const fixture = (module.fixture ?? module.default) as Fixture | undefined
  if (typeof fixture?.start !== 'function')
    throw new UsageError(
      `${path} exports no fixture: an object with \`name\` and \`start()\`. See the README of @cx/testing.`,
    )
  return fixture
}
