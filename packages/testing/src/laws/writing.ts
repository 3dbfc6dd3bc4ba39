import { at, canonical } from '../driver/compare.ts'
import { shapeFault } from '../driver/shape.ts'
import { type Law, must, needs, show } from '../law.ts'

export const writeLaws: readonly Law[] = [
  {
    id: 'write.put',
    group: 'write',
    reason: 'An uploaded file is listed with the same id, path and version that `put` returned, and reads back.',
    needs: '`write`',
    async run(bench) {
      const write = needs(bench.connector.write, 'the connector has no `write`')
      await bench.plant(2)
      const session = await bench.open()
      const path = at((await session.list()).entries, bench.path('docs/note00001.md')).path.replace(
        'note00001',
        'uploaded',
      )
      for (const round of ['new', 'replaced']) {
        const content = bench.content()
        const bytes = new TextEncoder().encode(content)
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(bytes.slice(0, 5))
            controller.enqueue(bytes.slice(5))
            controller.close()
          },
        })
        const upload = { path, body, size: bytes.length, mimeType: 'text/markdown' }
        const entry = await write.put(session.raw, upload, session.run() as never)
        must(shapeFault(entry) === undefined, `put returned ${show(entry)}: ${shapeFault(entry)}`)
        const listed = at((await session.list()).entries, path)
        const core = ({ id, version, size }: typeof entry) => canonical({ id, version, size })
        must(
          core(entry) === core(listed),
          `a ${round} file is listed as ${show(listed)}, and put returned ${show(entry)}`,
        )
        must((await session.text(listed)).includes(content), `a ${round} file reads back as something else`)
      }
      return undefined
    },
  },
  {
    id: 'write.remove',
    group: 'write',
    reason: 'A file removed through the connector leaves the source, and only that one.',
    needs: '`write.remove`',
    async run(bench) {
      const remove = needs(bench.connector.write?.remove, 'the connector has no `write.remove`')
      const planted = await bench.plant(3)
      const session = await bench.open()
      const before = (await session.list()).entries
      await remove(session.raw, at(before, planted[1]!.path), session.run() as never)
      const paths = (await session.list()).entries.map((entry) => entry.path)
      must(!paths.includes(planted[1]!.path), `${planted[1]!.path} is still listed after it was removed`)
      must(
        paths.length === before.length - 1,
        `${before.length} entries were listed before, ${paths.length} after one was removed`,
      )
      return undefined
    },
  },
]

export const browseLaws: readonly Law[] = [
  {
    id: 'browse.children',
    group: 'browse',
    reason:
      'A picker walks from the root: items have titles and distinct paths, and what says it has children can be opened.',
    needs: '`browse`',
    async run(bench) {
      const browse = needs(bench.connector.browse, 'the connector has no `browse`')
      await bench.plant()
      const session = await bench.open()
      const seen = new Set<string>()
      const open = ['']
      while (open.length > 0 && seen.size < 200) {
        const parent = open.shift()!
        for await (const item of browse.children(session.raw, parent, session.run() as never)) {
          must(
            typeof item.path === 'string' && item.path !== '' && item.title?.trim(),
            `an item under ${show(parent)} has no path or title: ${show(item)}`,
          )
          must(!seen.has(item.path), `${show(item.path)} comes up twice`)
          seen.add(item.path)
          if (item.hasChildren) open.push(item.path)
        }
      }
      must(seen.size > 0, 'the root of a source with documents has no children')
      return `${seen.size} items`
    },
  },
]
