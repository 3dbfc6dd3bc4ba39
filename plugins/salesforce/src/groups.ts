import type { Principal } from '@cx/core'
import type { Row } from './client.ts'
import { fieldOf } from './describe.ts'
import { text } from './part.ts'
import { scan } from './scan.ts'
import type { Session } from './session.ts'
import { group, internal, readers } from './sharing.ts'
import { quote } from './soql.ts'

interface Group {
  readonly id: string
  readonly members: readonly Principal[]
}

interface User {
  readonly principal: Principal
  readonly role: string
  readonly manager: string
}

/** Every group that access lists name. People's roles, groups and permission sets change here, and in no document. */
export async function* groups(session: Session, signal: AbortSignal): AsyncGenerator<Group, void, void> {
  if (session.config.aclMode === 'connection') return
  const users = new Map<string, User>()
  const active = `IsActive = true AND UserType = 'Standard'`
  for await (const row of rowsOf(session, 'User', ['Id', 'Email', 'UserRoleId', 'ManagerId'], active, signal))
    users.set(text(row.Id), {
      principal: { type: 'user', id: `sf:user:${row.Id}`, ...(row.Email ? { email: text(row.Email) } : {}) },
      role: text(row.UserRoleId),
      manager: text(row.ManagerId),
    })
  yield { id: idOf(internal), members: [...users.values()].map(({ principal }) => principal) }
  yield* objectGroups(session, users, signal)
  for (const [id, { principal, role }] of users) {
    yield { id: `sf:only:${id}`, members: [principal] }
    yield { id: `sf:user-and-above:${id}`, members: role ? [principal, group('above-role', role)] : [principal] }
  }
  yield* roleGroups(session, users, signal)
  yield* publicGroups(session, users, signal)
  if (session.config.includeFiles) yield* chatterGroups(session, users, signal)
}

async function* roleGroups(
  session: Session,
  users: ReadonlyMap<string, User>,
  signal: AbortSignal,
): AsyncGenerator<Group, void, void> {
  const parents = new Map<string, string>()
  for await (const row of rowsOf(session, 'UserRole', ['Id', 'ParentRoleId'], undefined, signal))
    parents.set(text(row.Id), text(row.ParentRoleId))
  const below = Map.groupBy(parents.keys(), (id) => parents.get(id) ?? '')
  const inRole = Map.groupBy(users.values(), ({ role }) => role)
  for (const [id, parent] of parents) {
    yield { id: `sf:role:${id}`, members: (inRole.get(id) ?? []).map(({ principal }) => principal) }
    yield { id: `sf:above-role:${id}`, members: parent ? [group('role', parent), group('above-role', parent)] : [] }
    yield {
      id: `sf:below-role:${id}`,
      members: (below.get(id) ?? []).flatMap((one) => [group('role', one), group('below-role', one)]),
    }
  }
}

/** https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_group.htm */
async function* publicGroups(
  session: Session,
  users: ReadonlyMap<string, User>,
  signal: AbortSignal,
): AsyncGenerator<Group, void, void> {
  const members = new Map<string, string[]>()
  for await (const row of rowsOf(session, 'GroupMember', ['Id', 'GroupId', 'UserOrGroupId'], undefined, signal)) {
    const list = members.get(text(row.GroupId)) ?? []
    members.set(text(row.GroupId), list)
    list.push(text(row.UserOrGroupId))
  }
  const reports = Map.groupBy(users.keys(), (id) => users.get(id)!.manager)
  for await (const row of rowsOf(
    session,
    'Group',
    ['Id', 'Type', 'RelatedId', 'DoesIncludeBosses'],
    undefined,
    signal,
  )) {
    const related = text(row.RelatedId)
    const ids = members.get(text(row.Id)) ?? []
    const special = ofType(text(row.Type), related, users, reports)
    const own = ids.flatMap((id): Principal[] => {
      if (!id.startsWith('005')) return [group('group', id)]
      return users.has(id) ? [row.DoesIncludeBosses === true ? group('user-and-above', id) : group('only', id)] : []
    })
    yield { id: `sf:group:${row.Id}`, members: [...own, ...special] }
    // For objects that do not follow the hierarchy: without those above.
    const alone = ids.flatMap((id): Principal[] => {
      if (!id.startsWith('005')) return [group('group-only', id)]
      return users.has(id) ? [group('only', id)] : []
    })
    const isAbove = (one: Principal): boolean => one.type === 'group' && one.id.startsWith('sf:above-role:')
    yield { id: `sf:group-only:${row.Id}`, members: [...alone, ...special.filter((one) => !isAbove(one))] }
  }
}

/** Whom a group that Salesforce keeps by itself holds; of types for people outside, nobody. */
function ofType(
  type: string,
  related: string,
  users: ReadonlyMap<string, User>,
  reports: ReadonlyMap<string, readonly string[]>,
): Principal[] {
  switch (type) {
    case 'Organization':
      return [internal]
    case 'Role':
      return [group('role', related), group('above-role', related)]
    case 'RoleAndSubordinates':
    case 'RoleAndSubordinatesInternal':
      return [group('role', related), group('above-role', related), group('below-role', related)]
    case 'Manager':
      return walk(related, (id) => [users.get(id)?.manager ?? '']).flatMap((id) => users.get(id)?.principal ?? [])
    case 'ManagerAndSubordinatesInternal':
      return [related, ...walk(related, (id) => reports.get(id) ?? [])].flatMap((id) => users.get(id)?.principal ?? [])
    default:
      return []
  }
}

/** What is reached from `start`, without it; people can be each other's managers in a circle. */
function walk(start: string, next: (id: string) => readonly string[]): string[] {
  const seen = new Set([start])
  for (const id of seen) for (const one of next(id)) if (one !== '') seen.add(one)
  seen.delete(start)
  return [...seen]
}

async function* chatterGroups(
  session: Session,
  users: ReadonlyMap<string, User>,
  signal: AbortSignal,
): AsyncGenerator<Group, void, void> {
  const objects = await session.schema.objects(signal)
  if (!objects.get('collaborationgroup')?.queryable || !objects.get('collaborationgroupmember')?.queryable) return
  const members = new Map<string, Principal[]>()
  for await (const row of rowsOf(
    session,
    'CollaborationGroupMember',
    ['Id', 'CollaborationGroupId', 'MemberId'],
    undefined,
    signal,
  )) {
    const principal = users.get(text(row.MemberId))?.principal
    const id = text(row.CollaborationGroupId)
    if (principal) members.set(id, [...(members.get(id) ?? []), principal])
  }
  for await (const row of rowsOf(session, 'CollaborationGroup', ['Id'], undefined, signal))
    yield { id: `sf:chatter:${row.Id}`, members: members.get(text(row.Id)) ?? [] }
}

/** Who may read an object, by profile, permission set or group of such sets: each user is assigned to all of these. */
async function* objectGroups(
  session: Session,
  users: ReadonlyMap<string, User>,
  signal: AbortSignal,
): AsyncGenerator<Group, void, void> {
  const objects = await session.sharing.objects((await session.parts(signal)).parts, signal)
  if (objects.size === 0) return
  const all = new Set<string>()
  const everything = 'PermissionsViewAllData = true OR PermissionsModifyAllData = true'
  for await (const row of rowsOf(session, 'PermissionSet', ['Id'], everything, signal)) all.add(text(row.Id))
  const read = new Map<string, Set<string>>()
  const view = new Map<string, Set<string>>()
  const fields = ['Id', 'ParentId', 'SobjectType', 'PermissionsRead', 'PermissionsViewAllRecords']
  const named = `SobjectType IN (${[...objects].map(quote).join(',')})`
  for await (const row of rowsOf(session, 'ObjectPermissions', fields, named, signal)) {
    if (row.PermissionsRead === true) add(read, text(row.SobjectType), text(row.ParentId))
    if (row.PermissionsViewAllRecords === true) add(view, text(row.SobjectType), text(row.ParentId))
  }
  const assigned = new Map<string, Set<string>>()
  const expires =
    fieldOf(await session.schema.describe('PermissionSetAssignment', signal), 'ExpirationDate') !== undefined
  const assignment = ['Id', 'AssigneeId', 'PermissionSetId', ...(expires ? ['ExpirationDate'] : [])]
  for await (const row of rowsOf(session, 'PermissionSetAssignment', assignment, undefined, signal)) {
    const over = row.ExpirationDate && Date.parse(text(row.ExpirationDate)) < session.client.serverTime
    if (!over && users.has(text(row.AssigneeId))) add(assigned, text(row.PermissionSetId), text(row.AssigneeId))
  }
  const holders = (sets: Iterable<string>) => {
    const ids = new Set([...sets].flatMap((one) => [...(assigned.get(one) ?? [])]))
    return [...ids].map((id) => users.get(id)!.principal)
  }
  for (const object of objects) {
    const viewing = [...all, ...(view.get(object) ?? [])]
    yield { id: idOf(readers(object)), members: holders([...viewing, ...(read.get(object) ?? [])]) }
    yield { id: `sf:objall:${object}`, members: holders(viewing) }
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value))
}

function idOf(principal: Principal): string {
  return principal.type === 'anyone' ? '' : principal.id
}

async function* rowsOf(
  session: Session,
  object: string,
  fields: readonly string[],
  where: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Row, void, void> {
  for await (const page of scan(session.client, { object, fields, where }, { signal })) yield* page
}
