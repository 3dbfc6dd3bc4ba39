import { createMemoryFixture } from '../src/fakes/memory-fixture.ts'
import { testConnector } from '../src/vitest.ts'

for (const hostFetch of [true, false]) {
  const { connector, fixture } = createMemoryFixture({ hostFetch })
  testConnector(connector, fixture, { bigBytes: 256 * 1024 ** 2 })
}
