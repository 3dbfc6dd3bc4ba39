import { at } from '../driver/compare.ts'
import { type Law, must } from '../law.ts'

export const versionLaws: readonly Law[] = [
  {
    id: 'version.changes',
    group: 'version',
    reason: 'Changed content under an unchanged version is never read again: search keeps answering with the old text.',
    async run(bench) {
      const { key, path } = await bench.put('docs/changing.md')
      const session = await bench.open()
      let before = at((await session.list()).entries, path)
      // Three times at once and equally long, because sizes and times in whole seconds do not tell such changes apart.
      for (let round = 1; round <= 3; round++) {
        const { content } = await bench.put(key)
        const after = at((await session.list()).entries, path)
        must(
          after.version !== before.version,
          `the version is still ${after.version} after change ${round} of the content`,
        )
        must((await session.text(after)).includes(content), `read gives the old content after change ${round}`)
        before = after
      }
      return undefined
    },
  },
  {
    id: 'version.steady',
    group: 'version',
    reason: 'A version that moves without a change makes every sync download everything.',
    async run(bench) {
      const planted = await bench.plant()
      const changed = planted[0]!
      const before = (await (await bench.open()).list()).entries
      await bench.put(changed.key)
      await bench.put('docs/added.md')
      const session = await bench.open()
      const after = (await session.list()).entries
      for (const was of before) {
        const is = after.find((entry) => entry.path === was.path)
        // What is missing is the business of other laws.
        if (was.path === changed.path || is === undefined) continue
        must(
          is.version === was.version,
          `the version of ${was.path} moved from ${was.version} to ${is.version} while others were edited`,
        )
        must(is.id === was.id, `the id of ${was.path} moved from ${was.id} to ${is.id} while others were edited`)
      }
      await session.text(at(after, planted[1]!.path))
      const read = at((await session.list()).entries, planted[1]!.path)
      must(read.version === at(after, planted[1]!.path).version, 'reading an entry changes its version')
      return undefined
    },
  },
]
