import { type CapabilityCheck, type CheckResult, type ConnectorError, isConnectorError } from '@cx/core'
import { concernsPart } from './errors.ts'
import { kindsOf } from './list.ts'
import { quoted } from './search.ts'
import type { Running } from './session.ts'
import { selectSpaces } from './spaces.ts'

/** Who we are, which spaces there are, and one of each kind of call that a sync makes. */
export async function check(run: Running): Promise<CheckResult> {
  const { session, config, signal } = run
  const { me, tenant, wiki } = await session.site(signal)
  const { spaces, missing } = await selectSpaces(run)
  const checks: CapabilityCheck[] = missing.map(({ key, error }) => failed(`space ${key}`, error))
  const [first] = spaces
  checks.push({
    capability: 'spaces',
    status: first ? 'ok' : 'failed',
    message: `${spaces.length} ${spaces.length === 1 ? 'space' : 'spaces'} can be read.`,
    ...(first ? {} : { remediation: 'Check `spaceKeys`, and whether the spaces are archived or personal.' }),
  })
  if (first)
    checks.push(
      ...(await Promise.all([
        probe('pages', `Pages of ${first.key} can be listed.`, () =>
          wiki.newest([first], kindsOf(config).slice(0, 1), { signal }),
        ),
        probe('permissions', 'Searches and restrictions of pages can be read.', () =>
          wiki.client.json('rest/api/content/search', {
            signal,
            query: {
              cql: `type = page and space = ${quoted(first.key)}`,
              expand: 'restrictions.read.restrictions.user',
              limit: 1,
            },
          }),
        ),
      ])),
    )
  return { account: me.name ?? me.email ?? me.id, ...(tenant === undefined ? {} : { tenant }), checks }
}

async function probe(capability: string, message: string, work: () => Promise<unknown>): Promise<CapabilityCheck> {
  try {
    await work()
    return { capability, status: 'ok', message }
  } catch (error) {
    if (!concernsPart(error) && !(isConnectorError(error) && error.code === 'misconfigured')) throw error
    return failed(capability, error)
  }
}

function failed(capability: string, { message, remediation }: ConnectorError): CapabilityCheck {
  return { capability, status: 'failed', message, ...(remediation === undefined ? {} : { remediation }) }
}
