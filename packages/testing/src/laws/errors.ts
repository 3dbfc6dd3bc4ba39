import { isConnectorError } from '@cx/core'
import { at } from '../driver/compare.ts'
import { refusal } from '../driver/refusal.ts'
import { type Law, must, needs, show } from '../law.ts'

export const errorLaws: readonly Law[] = [
  {
    id: 'errors.taxonomy',
    group: 'errors',
    reason: 'The engine acts on the code of an error: anything else than a ConnectorError ends in blind retries.',
    needs: '`fetch` or `faults`',
    async run(bench) {
      const [document] = await bench.plant(3)
      const session = await bench.open()
      const entry = at((await session.list()).entries, document!.path)
      const faults = bench.faults()
      const expected = {
        unauthenticated: ['unauthenticated'],
        forbidden: ['forbidden', 'unauthenticated'],
        unavailable: ['unavailable', 'rate_limited'],
        drop: ['unavailable'],
      } as const
      const tried: string[] = []
      for (const kind of ['unauthenticated', 'forbidden', 'unavailable', 'drop'] as const) {
        if (!faults.supports.includes(kind)) continue
        faults.inject({ kind }, { from: 1, to: Number.POSITIVE_INFINITY })
        const fresh = await bench.open().catch((error: unknown) => error)
        const listed = fresh instanceof Error ? { error: fresh } : await session.tryList()
        const read = await refusal(() => session.text(entry))
        faults.clear()
        const reported = 'unreadable' in listed ? listed.unreadable[0]?.error : undefined
        for (const [verb, error] of [
          ['list', listed.error ?? reported],
          ['read', read.error],
        ] as const) {
          must(error !== undefined, `${verb} ended well although every call met ${kind}`)
          const codes: readonly string[] = expected[kind]
          must(isConnectorError(error), () => `${verb} under ${kind} threw ${show(error)}, which is no ConnectorError`)
          must(
            codes.includes(error.code),
            `${verb} under ${kind} threw the code ${error.code}; expected ${codes.join(' or ')}`,
          )
          must(
            /[a-z]{3}/i.test(error.message),
            `${verb} under ${kind} has no message for people: ${show(error.message)}`,
          )
        }
        tried.push(kind)
      }
      return tried.join(', ')
    },
  },
  {
    id: 'errors.credentials',
    group: 'errors',
    reason:
      'Refused credentials are `unauthenticated`: a person is asked to reconnect, and nothing is retried or deleted.',
    needs: '`badCredentials`',
    async run(bench) {
      const world = await bench.world()
      const credentials = needs(world.badCredentials, 'the fixture has no `badCredentials`')
      await bench.plant(2)
      for (const verb of ['check', 'list'] as const) {
        const seen = await refusal(async () => {
          const session = await bench.open({ credentials })
          await session[verb]()
        })
        must(
          seen.code === 'unauthenticated',
          `${verb} with refused credentials gave ${seen.text}; expected a ConnectorError "unauthenticated"`,
        )
      }
      return undefined
    },
  },
]
