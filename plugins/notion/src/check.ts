import { type CapabilityCheck, type CheckResult, type ConnectorError, isConnectorError } from '@cx/core'
import { titleOf } from './properties.ts'
import { dataSourcesOf, getPage, hasContent } from './scope.ts'
import type { NotionRun } from './session.ts'
import type { Item, List, Me } from './types.ts'

/** Proves the way in by the calls a sync makes, three at most: whose connection it is, what it sees, one body. */
export async function check({ session, config, signal }: NotionRun): Promise<CheckResult> {
  const me = await session.me(signal)
  const checks: CapabilityCheck[] = []
  const [root] = session.rootPages
  const [database] = session.databases
  if (root !== undefined) {
    const page = await getPage(root, { session, signal })
    checks.push(page ? ok('pages', `${titleOf(page)} can be seen.`) : missing('rootPages', root))
  } else if (database !== undefined) {
    const sources = await dataSourcesOf(database, { session, signal })
    checks.push(sources ? ok('databases', 'The first database can be seen.') : missing('databases', database))
  } else checks.push(...(await everything({ session, signal })))
  if (config.access === 'connection' && !me.bot?.owner?.user)
    checks.push({
      capability: 'access',
      status: 'skipped',
      message: 'The connection belongs to the workspace, and Notion does not tell who may read: nobody is let in.',
      remediation: 'Set `access` to `workspace` or `readers`, or sign in with OAuth.',
    })
  return { account: accountOf(me), tenant: me.bot?.workspace_id ?? me.id, checks }
}

type Calls = Pick<NotionRun, 'session' | 'signal'>

async function everything({ session, signal }: Calls): Promise<readonly CapabilityCheck[]> {
  const list = await session.client.post<List<Item>>('search', { page_size: 1 }, signal)
  const first = list.results.find(hasContent)
  if (!first)
    return [
      {
        capability: 'pages',
        status: 'failed',
        message: 'Nothing is shared with the connection yet.',
        remediation: 'In Notion, open each top page to be indexed and add the connection (··· → Connections).',
      },
    ]
  const seen = ok('pages', 'Pages can be seen.')
  return first.object === 'page' ? [seen, await content(first, { session, signal })] : [seen]
}

async function content(page: Item, { session, signal }: Calls): Promise<CapabilityCheck> {
  try {
    await session.pages.read(page.id, signal)
    return ok('read content', 'The body of a page can be read.')
  } catch (error) {
    if (!isConnectorError(error) || !/^(forbidden|not_found|unprocessable)$/.test(error.code)) throw error
    const { message, remediation, code } = error as ConnectorError
    return {
      capability: 'read content',
      status: code === 'forbidden' ? 'failed' : 'skipped',
      message,
      ...(remediation === undefined ? {} : { remediation }),
    }
  }
}

function accountOf({ name, bot }: Me): string {
  const owner = bot?.owner?.user?.name
  const workspace = bot?.workspace_name
  return [owner ?? name ?? 'connection', ...(workspace ? [`in ${workspace}`] : [])].join(' ')
}

function ok(capability: string, message: string): CapabilityCheck {
  return { capability, status: 'ok', message }
}

function missing(field: string, id: string): CapabilityCheck {
  return {
    capability: field,
    status: 'failed',
    message: `\`${field}\` names ${id}, which is gone or not shared with the connection.`,
    remediation: 'Open it in Notion and add the connection (··· → Connections).',
  }
}
