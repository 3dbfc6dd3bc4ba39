import type { Entry } from '@cx/core'
import { at } from '../driver/compare.ts'
import { refusal } from '../driver/refusal.ts'
import { withRandomScripts } from '../driver/script.ts'
import { few, type Law, must, needs } from '../law.ts'

export const editLaws: readonly Law[] = [
  {
    id: 'edits.removed',
    group: 'edits',
    reason: 'A removed document leaves the listing, and only that one; otherwise search shows what people deleted.',
    async run(bench) {
      const planted = await bench.plant(6)
      const gone = planted[2]!
      await bench.remove(gone.key)
      const paths = new Set((await (await bench.open()).list()).entries.map((entry) => entry.path))
      must(!paths.has(gone.path), `${gone.path} was removed and is still listed`)
      for (const document of planted)
        must(
          document === gone || paths.has(document.path),
          `${document.path} vanished when another document was removed`,
        )
      const again = await bench.put(gone.key)
      const session = await bench.open()
      const back = at((await session.list()).entries, gone.path)
      must((await session.text(back)).includes(again.content), `${gone.path} came back with its old content`)
      return undefined
    },
  },
  {
    id: 'edits.read_gone',
    group: 'edits',
    reason: 'A document that vanished between listing and reading is `not_found`, so that it is not retried for ever.',
    async run(bench) {
      const [document] = await bench.plant(2)
      const session = await bench.open()
      const entry = at((await session.list()).entries, document!.path)
      await bench.remove(document!.key)
      const seen = await refusal(() => session.text(entry))
      must(
        seen.code === 'not_found',
        `reading a removed entry gave ${seen.text}; expected a ConnectorError "not_found"`,
      )
      return undefined
    },
  },
  {
    id: 'edits.renamed',
    group: 'edits',
    reason: 'A renamed document is found at its new path, once, with its content.',
    needs: '`rename`',
    async run(bench) {
      const world = await bench.world()
      needs(world.rename, 'the fixture has no `rename`')
      const planted = await bench.plant(4)
      const from = planted[1]!
      const before = at((await (await bench.open()).list()).entries, from.path)
      await world.rename!(from.key, 'docs/renamed.md')
      await world.settle?.()
      const session = await bench.open()
      const { entries } = await session.list()
      const after = at(entries, bench.path('docs/renamed.md'))
      must(!entries.some((entry) => entry.path === from.path), `${from.path} is still listed after it was renamed`)
      must(
        entries.length === planted.length,
        `${entries.length} entries are listed after a rename, ${planted.length} before`,
      )
      must((await session.text(after)).includes(from.content), 'the renamed document has another content')
      return after.id === before.id ? 'the id outlives a rename' : 'a rename is a new id'
    },
  },
  {
    id: 'edits.random',
    group: 'edits',
    reason:
      'After any edits the listing is what the source holds: the same documents, versions changed exactly where content did.',
    async run(bench) {
      return withRandomScripts(bench, async (editor, script, did) => {
        let versions = new Map<string, string>()
        for (const edit of script) {
          const before = new Map(editor.documents)
          const done = await editor.apply(edit)
          if (done === undefined) continue
          did.push(done)
          const session = await bench.open()
          const { entries } = await session.list()
          const now = new Map([...editor.documents.keys()].map((key) => [key, at(entries, bench.path(key))]))
          const extra = entries.filter((entry) => ![...now.values()].includes(entry))
          must(extra.length === 0, () => `listed and not at the source: ${few(extra.map((entry) => entry.path))}`)
          for (const [key, entry] of now) honestVersion(key, entry, versions, before, editor.documents)
          versions = new Map([...now].map(([key, entry]) => [key, entry.version]))
          await session.close()
        }
      })
    },
  },
]

function honestVersion(
  key: string,
  entry: Entry,
  versions: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): void {
  const was = versions.get(key)
  if (was === undefined) return
  const changed = before.get(key) !== now.get(key)
  must(
    changed === (was !== entry.version),
    `${key} ${changed ? 'changed' : 'did not change'}, and its version went from ${was} to ${entry.version}`,
  )
}
