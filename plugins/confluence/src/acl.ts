import type { Acl, Entry, Principal } from '@cx/core'
import type { Ref } from './entries.ts'
import { concernsPart } from './errors.ts'
import { type Readers, restrictionsOf } from './restrictions.ts'
import type { Running } from './session.ts'
import { Tree } from './tree.ts'
import type { Kind, Row } from './wiki.ts'

const nobody: readonly Principal[] = []

/**
 * Who may read these, as of now: whoever may view the space and is named by every view restriction from the top of the
 * tree down to the page. Restrictions add up and never widen what the space allows. What is above a page and cannot be
 * seen counts as restricted to nobody. A page that cannot be seen is not spoken of: its last known list stays.
 * https://support.atlassian.com/confluence-cloud/docs/manage-permissions-on-the-page-level/
 *
 * @throws ConnectorError after the others, when who may view a space cannot be found out.
 */
export async function* acls(
  entries: readonly Entry[],
  run: Running,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }, void, void> {
  const { session, log, signal } = run
  const { wiki } = await session.site(signal)
  const people = await session.people(signal)
  const rows = await rowsOf(entries, run)
  const tree = await session.recent('tree', async () => new Tree(wiki))
  tree.add(rows.values())
  await tree.complete(rows.values(), { signal })
  const restricted = await restrictions(rows, tree, run)
  const unknown = new Map<string, unknown>()
  for (const entry of entries) {
    const row = rows.get(pageOf(entry).id)
    if (row === undefined || !restricted.has(row.id) || unknown.has(row.spaceId)) continue
    try {
      const space = { id: row.spaceId, key: row.spaceKey ?? '', name: '', archived: false, personal: false }
      const viewers = await session.recent(`readers ${row.spaceId}`, async () =>
        people.named(await wiki.readers(space, { signal }), { signal }),
      )
      yield { id: entry.id, acl: aclOf(row, viewers, tree, restricted) }
    } catch (error) {
      if (!concernsPart(error)) throw error
      unknown.set(row.spaceId, error)
      log.warn('Who may view a space is unknown: the last known readers stay.', {
        space: row.spaceKey ?? row.spaceId,
        reason: error.message,
      })
    }
  }
  for (const error of unknown.values()) throw error
}

function aclOf(row: Row, viewers: readonly Principal[], tree: Tree, restricted: ReadonlyMap<string, Readers>): Acl {
  const { nodes, whole } = tree.above(row)
  const allOf = [viewers]
  if (!whole) allOf.push(nobody)
  for (const { id } of nodes) {
    const readers = restricted.has(id) ? restricted.get(id) : nobody
    if (readers) allOf.push(readers)
  }
  const own = restricted.get(row.id)
  if (own) allOf.push(own)
  return { allOf }
}

/** The pages of these entries as they are now: one that was moved has other restrictions above it. */
async function rowsOf(entries: readonly Entry[], { session, signal }: Running): Promise<ReadonlyMap<string, Row>> {
  const { wiki } = await session.site(signal)
  const rows = new Map<string, Row>()
  for (const kind of ['page', 'blogpost'] as const) {
    const ids = new Set(entries.map(pageOf).flatMap((page) => (page.kind === kind ? [page.id] : [])))
    if (ids.size === 0) continue
    for await (const some of wiki.byIds([...ids], kind, ['current', 'archived'], { signal }))
      for (const row of some) rows.set(row.id, row)
  }
  return rows
}

/** Restrictions of pages, always fresh, and of what is above them, which many have in common. */
async function restrictions(
  rows: ReadonlyMap<string, Row>,
  tree: Tree,
  { session, signal }: Running,
): Promise<ReadonlyMap<string, Readers>> {
  const { wiki } = await session.site(signal)
  const people = await session.people(signal)
  const kept = await session.recent('restrictions', async () => new Map<string, Readers>())
  const above = new Set([...rows.values()].flatMap((row) => tree.above(row).nodes.map(({ id }) => id)))
  const wanted = [...new Set([...rows.keys(), ...[...above].filter((id) => !kept.has(id))])]
  const told = new Map<string, Readers>()
  for (const [id, readers] of await restrictionsOf(wiki, wanted, { signal }))
    told.set(id, readers && (await people.named(readers, { signal })))
  for (const id of above) {
    if (told.has(id)) kept.set(id, told.get(id))
    else if (kept.has(id)) told.set(id, kept.get(id))
  }
  return told
}

function pageOf({ id, ref }: Entry): { readonly id: string; readonly kind: Kind } {
  const known = ref as Ref | undefined
  return known?.k === 'attachment' ? { id: known.in, kind: known.of } : { id, kind: known?.k ?? 'page' }
}
