import { join } from 'node:path'
import type { Fixture } from '@cx/testing'

/** The stand-in of a plugin's own tests as a process of its own: prints how to reach it, and ends with its parent. */
const [, , plugin = '', count = '0'] = process.argv
const file = join(import.meta.dirname, '../../plugins', plugin, 'test/conformance.fixture.ts')
const { fixture, fixtures } = (await import(file)) as { fixture?: Fixture; fixtures?: readonly Fixture[] }
const world = await (fixture ?? fixtures![0]!).start()
// Pages as large as the vendor's own.
await world.big?.entries?.(1)
const documents = Array.from({ length: Number(count) }, (_, i) => ({
  key: `docs/d${String(i).padStart(5, '0')}.md`,
  content: `Document ${i}. ${`What subject${i % 97} has to do with topic${i % 13} is told here in a sentence. `.repeat(25)}`,
}))
if (world.putAll) await world.putAll(documents)
else for (const { key, content } of documents) await world.put(key, content)
await world.settle?.()
console.log(JSON.stringify({ config: world.config, credentials: world.credentials }))
process.on('disconnect', () => process.exit())
