import type { SourceConnector } from '@cx/core'
import { describe, test } from 'vitest'
import { type CheckOptions, checkLaw, checkWaivers, chooseLaws } from './check.ts'
import type { Fixture } from './fixture.ts'

/**
 * Registers a `describe` with one test for each law. Laws that are waived or not applicable are skipped with the reason
 * in the report. Call it at the top of a test file.
 */
export function testConnector(
  connector: SourceConnector,
  fixture: Fixture,
  options: Pick<CheckOptions, 'only' | 'bigBytes'> = {},
): void {
  checkWaivers(fixture)
  describe(`${connector.name} keeps the laws of a connector (${fixture.name})`, () => {
    for (const law of chooseLaws(options.only))
      test(law.id, { timeout: (fixture.timeoutMs ?? 30_000) + 10_000 }, async (context) => {
        const result = await checkLaw(connector, fixture, law, options)
        if (result.status === 'not_applicable') context.skip(`not applicable: ${result.detail}`)
        if (result.status === 'waived') context.skip(`waived: ${result.detail}`)
        if (result.status === 'failed') throw new Error(`${law.id}: ${result.detail}\nWhy it matters: ${law.reason}`)
      })
  })
}
