import { ConnectorError, isConnectorError, type Principal } from '@cx/core'
import type { Client } from './client.ts'
import type { Call, Space } from './wiki.ts'

interface PermissionJson {
  readonly operation?: { readonly operationKey?: string; readonly targetType?: string }
  readonly subject?: { readonly type?: string; readonly name?: string; readonly userKey?: string }
}

interface RpcPermissions {
  readonly type: string
  readonly spacePermissions: readonly { readonly userName?: string | null; readonly groupName?: string | null }[]
}

/**
 * Who may view a space of Data Center. REST since 9.1; before, JSON-RPC, where it is switched on.
 *
 * @throws ConnectorError `forbidden` when neither tells: unknown is not everyone.
 */
export async function dataCenterReaders(
  client: Client,
  { key }: Space,
  { signal }: Call,
): Promise<readonly Principal[]> {
  const path = `rest/api/space/${encodeURIComponent(key)}/permissions`
  try {
    const named = listOf(await client.json<unknown>(path, { signal })).flatMap(readerOf)
    // Listed apart: https://jira.atlassian.com/browse/CONFSERVER-78176
    const open = listOf(
      await client.json<unknown>(`${path}/anonymous`, { signal }).catch((error: unknown) => {
        if (isConnectorError(error) && (error.code === 'not_found' || error.code === 'forbidden')) return []
        throw error
      }),
    )
    return open.some(isRead) ? [...named, { type: 'anyone' }] : named
  } catch (error) {
    if (!isConnectorError(error) || error.code !== 'not_found') throw error
  }
  const sets = await client
    .json<readonly RpcPermissions[]>('rpc/json-rpc/confluenceservice-v2/getSpacePermissionSets', {
      signal,
      method: 'POST',
      json: [key],
    })
    .catch((error: unknown) => {
      if (!isConnectorError(error) || error.code === 'rate_limited' || error.code === 'unavailable') throw error
      return undefined
    })
  if (!Array.isArray(sets))
    throw new ConnectorError('forbidden', `Who may view the space ${key} cannot be found out.`, {
      remediation:
        'Use Confluence 9.1 or later with an account that administers the space, or switch on the remote API (JSON-RPC).',
    })
  return (sets as readonly RpcPermissions[])
    .filter(({ type }) => type === 'VIEWSPACE')
    .flatMap(({ spacePermissions }) =>
      spacePermissions.flatMap(({ userName, groupName }): readonly Principal[] => {
        if (groupName) return [{ type: 'group', id: groupName }]
        if (userName) return [{ type: 'user', id: userName }]
        // Anonymous access names neither; an answer of another form names nobody.
        return userName === null && groupName === null ? [{ type: 'anyone' }] : []
      }),
    )
}

function listOf(answer: unknown): readonly PermissionJson[] {
  if (Array.isArray(answer)) return answer as readonly PermissionJson[]
  const { results } = (answer ?? {}) as { results?: readonly PermissionJson[] }
  return results ?? []
}

function isRead({ operation }: PermissionJson): boolean {
  return operation?.operationKey === 'read' && operation.targetType === 'space'
}

function readerOf(permission: PermissionJson): readonly Principal[] {
  if (!isRead(permission)) return []
  const { type, name, userKey } = permission.subject ?? {}
  if (type === 'group' && name) return [{ type: 'group', id: name }]
  return userKey ? [{ type: 'user', id: userKey }] : []
}
