import { articleId } from './article.ts'
import type { Client } from './client.ts'
import { type Part, text } from './part.ts'
import { among, scan } from './scan.ts'
import { moment, quote, toIso } from './soql.ts'

/** What has left a part, and when it did. */
export interface Gone {
  readonly id: string
  readonly at: string
}

/** What was deleted since, as the recycle bin knows it for 15 days; of articles, what is published no longer. */
export async function* goneSince(
  client: Client,
  part: Part,
  since: number,
  signal: AbortSignal,
): AsyncGenerator<Gone, void, void> {
  const { stamp, leaves } = part
  const changed = `${stamp} >= ${moment(since)}`
  if (leaves === 'archived') return yield* archivedSince(client, part, changed, signal)
  if (leaves === 'never') return
  const object = leaves === 'file' ? 'ContentDocument' : part.object
  // Where only the time of creation is kept, nothing tells when a record went: all there are in the bin, then.
  const where = stamp === 'CreatedDate' ? 'IsDeleted = true' : `IsDeleted = true AND ${changed}`
  for await (const page of scan(client, { object, fields: ['Id', stamp], where, stamp }, { signal, all: true }))
    for (const row of page) yield { id: text(row.Id), at: toIso(row[stamp]) ?? '' }
}

/** Articles are archived, or taken back to be drafts. One status a query, as Salesforce wants it. */
async function* archivedSince(
  client: Client,
  part: Part,
  changed: string,
  signal: AbortSignal,
): AsyncGenerator<Gone, void, void> {
  const fields = ['Id', 'KnowledgeArticleId', 'Language', 'SystemModstamp']
  const language = quote(part.key.slice(part.object.length + 1))
  for (const status of ['Archived', 'Draft']) {
    const where = `PublishStatus = '${status}' AND Language = ${language} AND ${changed}`
    const query = { object: part.object, fields, where, stamp: 'SystemModstamp' }
    for await (const page of scan(client, query, { signal })) {
      // An older version is archived too when a newer one is published, and a draft may be the next one.
      const published = new Set<string>()
      const ids = [...new Set(page.map((row) => text(row.KnowledgeArticleId)))]
      const online = { ...query, where: part.where, fields: fields.slice(0, 3), field: 'KnowledgeArticleId', ids }
      for await (const rows of among(client, online, { signal })) for (const row of rows) published.add(articleId(row))
      for (const row of page)
        if (!published.has(articleId(row))) yield { id: articleId(row), at: toIso(row.SystemModstamp) ?? '' }
    }
  }
}

/** The records whose children were added, changed or deleted since. */
export async function touchedParents(
  client: Client,
  part: Part,
  since: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const parents = new Set<string>()
  for (const { object, parent } of part.children) {
    const query = {
      object,
      fields: ['Id', parent, 'SystemModstamp'],
      where: `SystemModstamp >= ${moment(since)}`,
      stamp: 'SystemModstamp',
    }
    for await (const page of scan(client, query, { signal, all: true }))
      for (const row of page) parents.add(text(row[parent]))
  }
  return parents
}
