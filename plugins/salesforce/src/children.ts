import { createHash } from 'node:crypto'
import type { Client, Row } from './client.ts'
import type { ObjectInfo } from './describe.ts'
import type { ChildKind } from './part.ts'
import { text } from './part.ts'
import { among } from './scan.ts'
import { toIso } from './soql.ts'

const common = ['Id', 'ParentId', 'CreatedDate', 'SystemModstamp', 'CreatedBy.Name']

const comments: ChildKind = {
  object: 'CaseComment',
  parent: 'ParentId',
  title: 'Comments',
  fields: [...common, 'CommentBody'],
}
const feed: ChildKind[] = [
  { object: 'FeedItem', parent: 'ParentId', title: 'Feed', fields: [...common, 'Title', 'Body', 'IsRichText'] },
  {
    object: 'FeedComment',
    parent: 'ParentId',
    title: 'Comments in the feed',
    fields: [...common, 'CommentBody', 'IsRichText'],
  },
]

/** The kinds of rows that go into the documents of an object's records. */
export function childKinds(
  info: ObjectInfo,
  objects: ReadonlyMap<string, ObjectInfo>,
  options: { readonly includeComments: boolean; readonly includeFeed: boolean; readonly feedEnabled: boolean },
): ChildKind[] {
  return [
    ...(options.includeComments && info.name === 'Case' ? [comments] : []),
    ...(options.includeFeed && options.feedEnabled ? feed : []),
  ].filter(({ object }) => objects.get(object.toLowerCase())?.queryable)
}

/** What a record's children add to its version: a hash over their ids and times; nothing where there are none. */
export async function childMarks(
  client: Client,
  kinds: readonly ChildKind[],
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const seen = new Map<string, string[]>()
  for (const { object, parent } of kinds) {
    const query = { object, field: parent, ids, fields: ['Id', parent, 'SystemModstamp'] }
    for await (const page of among(client, query, { signal }))
      for (const row of page) {
        const list = seen.get(text(row[parent])) ?? []
        seen.set(text(row[parent]), list)
        list.push(`${row.Id} ${toIso(row.SystemModstamp)}`)
      }
  }
  return new Map(
    [...seen].map(([id, list]) => [
      id,
      createHash('sha256').update(list.sort().join('\n')).digest('base64url').slice(0, 16),
    ]),
  )
}

/** The children of records, by record and in the order of time. */
export async function childRows(
  client: Client,
  { object, parent, fields }: ChildKind,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const found = new Map<string, Row[]>()
  for await (const page of among(client, { object, fields, field: parent, ids }, { signal }))
    for (const row of page) {
      const list = found.get(text(row[parent])) ?? []
      found.set(text(row[parent]), list)
      list.push(row)
    }
  for (const list of found.values())
    list.sort((a, b) => (`${toIso(a.CreatedDate)}${a.Id}` < `${toIso(b.CreatedDate)}${b.Id}` ? -1 : 1))
  return found
}
