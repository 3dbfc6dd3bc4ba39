import type { Acl, Principal } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import { at, canonical } from '../driver/compare.ts'
import { refusal } from '../driver/refusal.ts'
import type { Session } from '../driver/session.ts'
import { aclFault, principalFault } from '../driver/shape.ts'
import { few, type Law, must, NotApplicable, needs, show } from '../law.ts'

export const permissionLaws: readonly Law[] = [
  {
    id: 'permissions.shape',
    group: 'permissions',
    reason: 'An access list that is malformed or empty the wrong way lets everybody in.',
    needs: 'access lists',
    async run(bench) {
      await bench.plant()
      const session = await withAcls(bench)
      const { entries } = await session.list()
      const acls = await session.acls(entries)
      const known = new Set(entries.map((entry) => entry.id))
      for (const [id, acl] of acls) {
        must(known.has(id), `acls yields ${show(id)}, which was not asked for`)
        const fault = aclFault(acl)
        must(fault === undefined, `${fault} (of ${show(id)})`)
      }
      return `${acls.size} of ${entries.length} entries have one`
    },
  },
  {
    id: 'permissions.follow',
    group: 'permissions',
    reason:
      'Who lost access at the source must lose it here: a changed access list is seen, of that document and no other.',
    needs: 'access lists, `setAcl`',
    async run(bench) {
      const world = await bench.world()
      needs(world.setAcl, 'the fixture has no `setAcl`')
      const planted = await bench.plant(4)
      const session = await withAcls(bench)
      const before = await session.acls((await session.list()).entries)
      const target = planted[1]!
      const asked: readonly Principal[] = [{ type: 'user', id: 'kit-reader', email: 'kit-reader@example.com' }]
      const readers = (await world.setAcl!(target.key, asked)) ?? asked
      await world.settle?.()
      const later = await bench.open()
      const { entries } = await later.list()
      const after = await later.acls(entries)
      const { id } = at(entries, target.path)
      const acl = after.get(id)
      must(acl !== undefined, `${target.path} has no access list after it was set`)
      for (const reader of readers)
        must(names(acl, reader), () => `the access list ${show(acl)} does not name ${show(reader)}`)
      must(!names(acl, { type: 'anyone' }), `the access list ${show(acl)} still lets anyone in`)
      for (const document of planted) {
        if (document === target) continue
        const other = at(entries, document.path).id
        must(
          canonical(after.get(other)) === canonical(before.get(other)),
          `the access list of ${document.path} changed with another document's`,
        )
      }
      return undefined
    },
  },
  {
    id: 'permissions.apart',
    group: 'permissions',
    reason: 'A changed access list leaves `version` alone; otherwise sharing a folder downloads it again.',
    needs: '`setAcl`',
    async run(bench) {
      const world = await bench.world()
      needs(world.setAcl, 'the fixture has no `setAcl`')
      const [document] = await bench.plant(2)
      const session = await bench.open()
      const before = at((await session.list()).entries, document!.path)
      await world.setAcl!(document!.key, [{ type: 'user', id: 'kit-reader', email: 'kit-reader@example.com' }])
      await world.settle?.()
      const after = at((await session.list()).entries, document!.path)
      must(
        after.version === before.version,
        `the version went from ${before.version} to ${after.version} with the access list`,
      )
      return undefined
    },
  },
  {
    id: 'permissions.agree',
    group: 'permissions',
    reason: 'When listing and `permissions` both give an access list, they give the same one.',
    needs: '`permissions`, `acl` in the listing',
    async run(bench) {
      if (bench.connector.permissions === undefined) throw new NotApplicable('the connector has no `permissions`')
      await bench.plant(4)
      const session = await bench.open()
      const { entries } = await session.list()
      const listed = entries.filter((entry) => entry.acl !== undefined)
      if (listed.length === 0) throw new NotApplicable('the listing gives no access lists')
      const acls = await session.acls(listed)
      for (const entry of listed)
        must(
          !acls.has(entry.id) || canonical(acls.get(entry.id)) === canonical(entry.acl),
          () => `${entry.path}: the listing says ${show(entry.acl)}, permissions says ${show(acls.get(entry.id))}`,
        )
      return undefined
    },
  },
  {
    id: 'permissions.no_content',
    group: 'permissions',
    reason: 'A permission refresh reads no content: it runs often, over everything.',
    needs: '`permissions`, `fetch` or `contentReads`',
    async run(bench) {
      if (bench.connector.permissions === undefined) throw new NotApplicable('the connector has no `permissions`')
      const planted = await bench.plant(4)
      const world = await bench.world()
      const session = await bench.open()
      const { entries } = await session.list()
      let seen = ''
      const watching = bench.watchBodies((text) => {
        seen += text
      })
      if (!watching && world.contentReads === undefined)
        throw new NotApplicable('the fixture has no `contentReads`, and nothing goes through `fetch`')
      const before = world.contentReads?.() ?? 0
      await session.acls(entries)
      bench.watchBodies(undefined)
      const reads = (world.contentReads?.() ?? 0) - before
      must(reads === 0, `content was fetched ${reads} times during a permission refresh`)
      const leaked = planted.find((document) => seen.includes(document.content))
      must(leaked === undefined, `the content of ${leaked?.path} travelled during a permission refresh`)
      return undefined
    },
  },
  {
    id: 'permissions.fail_closed',
    group: 'permissions',
    reason: 'When access lists cannot be read the last known ones stay; nobody may be let in by an error.',
    needs: '`permissions`, `fetch` or `faults`',
    async run(bench) {
      if (bench.connector.permissions === undefined) throw new NotApplicable('the connector has no `permissions`')
      await bench.plant(4)
      const session = await bench.open()
      const { entries } = await session.list()
      const healthy = await session.acls(entries)
      const faults = bench.faults()
      const tried: string[] = []
      for (const kind of ['forbidden', 'unavailable', 'drop', 'not_found'] as const) {
        if (!faults.supports.includes(kind)) continue
        faults.inject({ kind }, { from: 1, to: Number.POSITIVE_INFINITY })
        const wider: string[] = []
        const seen = await refusal(async () => {
          for (const [id, acl] of await session.acls(entries))
            if (opens(acl, healthy.get(id))) wider.push(`${id}: ${show(acl)}`)
        })
        faults.clear()
        must(wider.length === 0, () => `under ${kind} acls lets in who was not let in before: ${few(wider)}`)
        must(seen.code !== 'other', `under ${kind} acls threw ${seen.text}; expected a ConnectorError`)
        tried.push(kind)
      }
      return tried.join(', ')
    },
  },
  {
    id: 'permissions.groups',
    group: 'permissions',
    reason: 'A group that an access list names and nobody lists has no members, so its people find nothing.',
    needs: '`permissions.groups`',
    async run(bench) {
      const groups = bench.connector.permissions?.groups
      if (groups === undefined) throw new NotApplicable('the connector has no `permissions.groups`')
      const planted = await bench.plant(4)
      const world = await bench.world()
      await world.setAcl?.(planted[0]!.key, [{ type: 'group', id: 'kit-group' }])
      await world.settle?.()
      const session = await bench.open()
      const acls = await session.acls((await session.list()).entries)
      const listed = new Set<string>()
      for await (const { id, members } of groups(session.raw, session.run() as never)) {
        must(!listed.has(id), `the group ${show(id)} is listed twice`)
        listed.add(id)
        for (const member of members) must(!principalFault(member), `in group ${show(id)}: ${principalFault(member)}`)
      }
      const named = new Set(
        [...acls.values()]
          .flatMap((acl) => [...acl.allOf.flat(), ...(acl.deny ?? [])])
          .flatMap((one) => (one.type === 'group' ? [one.id] : [])),
      )
      const unlisted = [...named].filter((id) => !listed.has(id))
      must(unlisted.length === 0, () => `access lists name groups that are not listed: ${few(unlisted)}`)
      return `${listed.size} groups, ${named.size} named in access lists`
    },
  },
]

async function withAcls(bench: Bench): Promise<Session> {
  const session = await bench.open()
  if (bench.connector.permissions !== undefined) return session
  const { entries } = await session.list()
  if (!entries.some((entry) => entry.acl !== undefined))
    throw new NotApplicable('the connector has no `permissions`, and its listing gives no access lists')
  return session
}

function names(acl: Acl, principal: Principal): boolean {
  return acl.allOf
    .flat()
    .some((one) => one.type === principal.type && ('id' in one ? 'id' in principal && one.id === principal.id : true))
}

/** Whether an access list lets in somebody whom the other one did not name. */
function opens(acl: Acl, before: Acl | undefined): boolean {
  if (acl.allOf.length === 0) return true
  const known = new Set((before?.allOf ?? []).flat().map(canonical))
  return (
    acl.allOf.flat().some((principal) => !known.has(canonical(principal))) ||
    (before !== undefined && acl.allOf.length < before.allOf.length)
  )
}
