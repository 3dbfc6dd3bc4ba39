import { describe, expect, test } from 'vitest'
import { checkLaw, type LawResult } from '../src/check.ts'
import { createMemoryFixture } from '../src/fakes/memory-fixture.ts'
import type { Law } from '../src/law.ts'
import { sourceLaws } from '../src/laws/index.ts'
import type { Breakage } from './alter.ts'
import { brokenEdits } from './broken-edits.ts'
import { brokenListings } from './broken-listings.ts'
import { brokenManners } from './broken-manners.ts'

const breakages: Readonly<Record<string, Breakage>> = { ...brokenListings, ...brokenEdits, ...brokenManners }

// They look at the handles and the memory of the whole process, so nothing may run beside them.
const alone = (law: Law) => ['resources.handles', 'resources.many_entries', 'resources.large_file'].includes(law.id)

async function failing(breakage: Breakage | undefined): Promise<Record<string, string>> {
  const { connector, fixture } = createMemoryFixture({
    alter: (world) => {
      const { big: _, ...small } = world
      return breakage?.world?.(breakage.big ? world : small) ?? (breakage?.big ? world : small)
    },
  })
  const broken = breakage?.breaks(connector) ?? connector
  const given = { ...fixture, ...breakage?.fixture, timeoutMs: 15_000 }
  const options = { bigBytes: 192 * 1024 ** 2 }
  const results: LawResult[] = []
  const tryAll = async (laws: IterableIterator<Law>) => {
    for (const law of laws) results.push(await checkLaw(broken, given, law, options))
  }
  // A few at a time: most of them wait, and some look at the clock.
  const beside = sourceLaws.filter((law) => !alone(law)).values()
  await Promise.all(Array.from({ length: 8 }, () => tryAll(beside)))
  await tryAll(sourceLaws.filter(alone).values())
  const failed = results.filter((result) => result.status === 'failed')
  return Object.fromEntries(failed.map((result) => [result.id, result.detail ?? '']))
}

test('there is a broken connector for every law', () => {
  expect(Object.keys(breakages).sort()).toEqual(sourceLaws.map((law) => law.id).sort())
})

test('the good connector fails none', async () => {
  expect(await failing(undefined)).toEqual({})
})

describe('a broken connector fails its law and no other', () => {
  for (const [id, breakage] of Object.entries(breakages))
    test(id, { timeout: 60_000 }, async () => {
      const failed = await failing(breakage)
      const expected = [id, ...Object.keys(breakage.also ?? {})].sort()
      expect(Object.keys(failed).sort(), JSON.stringify(failed, null, 2)).toEqual(expected)
    })
})
