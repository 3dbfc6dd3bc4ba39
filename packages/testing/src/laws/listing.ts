import type { Entry } from '@cx/core'
import { at, canonical, face } from '../driver/compare.ts'
import { shapeFault } from '../driver/shape.ts'
import { few, type Law, must, NotApplicable, show } from '../law.ts'

/** Names that naive URL building, quoting or normalising breaks. */
const oddNames = [
  'with space.md',
  'plus+percent%41.md',
  'hash#ampersand&.md',
  'Ünïcödé-日本.md',
  "apostrophe's.md",
  '.hidden.md',
]

export const listingLaws: readonly Law[] = [
  {
    id: 'check.works',
    group: 'check',
    reason:
      'Test connection must say who we are, and the same tenant each time: a sync against another tenant is refused.',
    async run(bench) {
      await bench.plant(1)
      const first = await (await bench.open()).check()
      const second = await (await bench.open()).check()
      must(typeof first.account === 'string' && first.account.trim(), 'check gave no account')
      must(first.tenant === second.tenant, `tenant was ${show(first.tenant)}, then ${show(second.tenant)}`)
      for (const one of first.checks ?? [])
        must(one.status !== 'failed', `check of ${one.capability} failed with working credentials: ${one.message}`)
      return `account ${show(first.account, 80)}`
    },
  },
  {
    id: 'list.shape',
    group: 'list',
    reason: 'Entries, checkpoints and refs are stored as JSON and shown to people; what does not survive that is lost.',
    async run(bench) {
      await bench.plant()
      const { entries, checkpoints } = await (await bench.open()).list()
      for (const entry of entries) {
        const fault = shapeFault(entry)
        must(fault === undefined, `${fault}: ${show(entry)}`)
      }
      for (const { cursor } of checkpoints) {
        must(cursor !== undefined, 'a checkpoint has no cursor, or one that does not survive JSON')
        const size = JSON.stringify(cursor).length
        must(size <= 8192, `a checkpoint is ${size} bytes of JSON; keep it under 8 KB`)
      }
      return `${entries.length} entries, ${checkpoints.length} checkpoints`
    },
  },
  {
    id: 'list.complete',
    group: 'list',
    reason: 'Every document at the source is listed, once.',
    async run(bench) {
      const planted = await bench.plant()
      const { entries } = await (await bench.open()).list()
      const paths = new Set(entries.map((entry) => entry.path))
      const missing = planted.filter((document) => !paths.has(document.path))
      must(missing.length === 0, () => `not listed: ${few(missing.map((document) => document.path))}`)
      return undefined
    },
  },
  {
    id: 'list.unique',
    group: 'list',
    reason: 'Two entries with one id overwrite each other in the index, and one of them is never found again.',
    async run(bench) {
      await bench.plant()
      const { entries } = await (await bench.open()).list()
      const count = new Map<string, number>()
      for (const { id } of entries) count.set(id, (count.get(id) ?? 0) + 1)
      const twice = [...count].filter(([, times]) => times > 1).map(([id]) => id)
      must(twice.length === 0, () => `ids listed more than once: ${few(twice)}`)
      return undefined
    },
  },
  {
    id: 'list.stable',
    group: 'list',
    reason: 'A resumed listing relies on the order, and two equal listings must cause no write at all.',
    async run(bench) {
      await bench.plant()
      const session = await bench.open()
      const first = (await session.list()).entries
      const again = (await session.list()).entries
      const fresh = (await (await bench.open()).list()).entries
      sameList(first, again, 'the second listing of the same session')
      sameList(first, fresh, 'the listing of a new session')
      return undefined
    },
  },
  {
    id: 'list.content',
    group: 'list',
    reason: 'What is listed can be read in another session, from the stored entry, as often as one likes.',
    async run(bench) {
      const planted = await bench.plant()
      const { entries } = await (await bench.open()).list()
      const later = await bench.open()
      for (const { path, content } of planted.slice(0, 4)) {
        const entry = at(entries, path)
        const text = await later.text(entry)
        must(text.includes(content), `read(${path}) does not contain what was put there: ${show(text)}`)
        must((await later.text(entry)) === text, `read(${path}) gives another text the second time`)
      }
      return undefined
    },
  },
  {
    id: 'list.odd_names',
    group: 'list',
    reason: 'Spaces, plus signs, percent signs and other scripts in names are where connectors lose documents.',
    needs: '`oddNames` is not empty',
    async run(bench) {
      const names = (await bench.world()).oddNames ?? oddNames
      if (names.length === 0) throw new NotApplicable('the source holds no odd names')
      const planted = []
      for (const name of names) planted.push(await bench.put(name))
      const session = await bench.open()
      const { entries } = await session.list()
      for (const { path, content } of planted)
        must(
          (await session.text(at(entries, path))).includes(content),
          `read(${JSON.stringify(path)}) gives another document`,
        )
      return `${names.length} names`
    },
  },
  {
    id: 'list.paths',
    group: 'list',
    reason: 'A targeted sync asks for paths or subtrees; what it asks for and is not yielded counts as gone.',
    async run(bench) {
      const planted = await bench.plant()
      const session = await bench.open()
      const one = planted.at(-1)!
      at((await session.list({ paths: [one.path] })).entries, one.path)
      const slash = one.path.lastIndexOf('/')
      if (slash <= 0) return 'no subtree: the paths have no directories'
      const subtree = one.path.slice(0, slash + 1)
      const { entries } = await session.list({ paths: [subtree] })
      for (const document of planted) if (document.path.startsWith(subtree)) at(entries, document.path)
      return undefined
    },
  },
]

function sameList(first: readonly Entry[], second: readonly Entry[], where: string): void {
  must(second.length === first.length, `${where} has ${second.length} entries instead of ${first.length}`)
  for (const [index, entry] of first.entries()) {
    const other = second[index]!
    must(other.id === entry.id, `${where} has ${show(other.path)} at place ${index} instead of ${show(entry.path)}`)
    must(
      face(other) === face(entry) && canonical(other.ref) === canonical(entry.ref),
      () => `${where} differs at ${show(entry.path)}: ${show(other, 400)} instead of ${show(entry, 400)}`,
    )
  }
}
