import { isConnectorError, type Principal } from '@cx/core'
import type { Client } from './client.ts'
import type { Call, Space } from './wiki.ts'

interface PermissionJson {
  readonly principal: { readonly type: string; readonly id: string }
  readonly operation: { readonly key: string; readonly targetType: string }
}

interface AssignmentJson {
  readonly principal: { readonly principalType: string; readonly principalId: string }
}

/** Classes of people that Confluence knows without a group; members of the groups by name are taken for them. */
const accessClasses: Readonly<Record<string, { readonly id: string; readonly groups: RegExp }>> = {
  'all-licensed-users': { id: 'access-class:all-licensed-users', groups: /^confluence-(users|user)(-|$)/ },
  'all-product-admins': {
    id: 'access-class:all-product-admins',
    groups: /^(confluence-admins|administrators|site-admins)(-|$)/,
  },
}

/** The classes that have members, as groups; `groups` tells which group's members belong to it. */
export const classGroups: readonly { readonly id: string; readonly groups: RegExp }[] = Object.values(accessClasses)

/**
 * Who may view a space of Confluence Cloud: its permissions to read the space, and on tenants with roles whoever has a
 * role in it, since every role can view. Classes that are not known name nobody.
 * https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-space-permissions/
 */
export function cloudReaders(client: Client): (space: Space, call: Call) => Promise<readonly Principal[]> {
  let mode: Promise<string> | undefined
  return async ({ id }, { signal }) => {
    const readers = new Map<string, Principal>()
    const add = (principal: Principal | undefined) => {
      if (principal) readers.set(JSON.stringify(principal), principal)
    }
    mode ??= roleMode(client, signal)
    const now = await mode.catch((error: unknown) => {
      mode = undefined
      throw error
    })
    if (now !== 'ROLES')
      for await (const rows of client.pages<PermissionJson>(`api/v2/spaces/${id}/permissions`, {
        signal,
        limit: 250,
        query: {},
      }))
        for (const { principal, operation } of rows)
          if (operation.key === 'read' && operation.targetType === 'space')
            add(toPrincipal(principal.type, principal.id))
    if (now !== 'PRE_ROLES')
      for await (const rows of client.pages<AssignmentJson>(`api/v2/spaces/${id}/role-assignments`, {
        signal,
        limit: 250,
        query: {},
      }))
        for (const { principal } of rows) add(toPrincipal(principal.principalType, principal.principalId))
    return [...readers.values()]
  }
}

async function roleMode(client: Client, signal: AbortSignal): Promise<string> {
  try {
    return (await client.json<{ mode: string }>('api/v2/space-role-mode', { signal })).mode
  } catch (error) {
    if (isConnectorError(error) && error.code === 'not_found') return 'PRE_ROLES'
    throw error
  }
}

function toPrincipal(type: string, id: string): Principal | undefined {
  switch (type.toLowerCase()) {
    case 'user':
      return { type: 'user', id }
    case 'group':
      return { type: 'group', id }
    case 'access_class': {
      const name = id.toLowerCase().replaceAll('_', '-')
      if (/^anonymous(-users?)?$/.test(name)) return { type: 'anyone' }
      const known = accessClasses[name]
      return known && { type: 'group', id: known.id }
    }
    default:
      return undefined
  }
}
