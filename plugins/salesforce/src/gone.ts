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
  const changed = `SystemModstamp >= ${moment(since)}`
  if (part.leaves === 'archived') return yield* archivedSince(client, part, changed, signal)
  if (part.leaves === 'never') return
  const object = part.leaves === 'file' ? 'ContentDocument' : part.object
  const query = {
    object,
    fields: ['Id', 'SystemModstamp'],
    where: `IsDeleted = true AND ${changed}`,
    stamp: 'SystemModstamp',
  }
  for await (const page of scan(client, query, { signal, all: true }))
    for (const row of page) yield { id: text(row.Id), at: toIso(row.SystemModstamp) ?? '' }
}

async function* archivedSince(
  client: Client,
  part: Part,
  changed: string,
  signal: AbortSignal,
): AsyncGenerator<Gone, void, void> {
  const fields = ['Id', 'KnowledgeArticleId', 'Language', 'SystemModstamp']
  const language = part.key.slice(part.object.length + 1)
  const query = {
    object: part.object,
    fields,
    where: `PublishStatus = 'Archived' AND Language = ${quote(language)} AND ${changed}`,
  }
  for await (const page of scan(client, { ...query, stamp: 'SystemModstamp' }, { signal })) {
    // An older version is archived too when a newer one is published.
    const published = new Set<string>()
    const ids = [...new Set(page.map((row) => text(row.KnowledgeArticleId)))]
    const online = {
      object: part.object,
      fields: ['Id', 'KnowledgeArticleId', 'Language'],
      where: part.where,
      field: 'KnowledgeArticleId',
      ids,
    }
    for await (const rows of among(client, online, { signal })) for (const row of rows) published.add(articleId(row))
    for (const row of page)
      if (!published.has(articleId(row))) yield { id: articleId(row), at: toIso(row.SystemModstamp) ?? '' }
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
