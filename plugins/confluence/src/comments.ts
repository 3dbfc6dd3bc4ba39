import { containerOf } from './entries.ts'
import { hash48 } from './marks.ts'
import { type ContentJson, contentOfPages, contentOfSpaces, search } from './search.ts'
import type { Call, Space, Wiki } from './wiki.ts'

/** What stands for the comments under each page, by its id: it changes with any of them, in whatever order they come. */
export class Talk {
  readonly #sums = new Map<string, number>()

  static async ofSpace(wiki: Wiki, space: Space, call: Call): Promise<Talk> {
    const talk = new Talk()
    for await (const rows of contentOfSpaces(wiki, 'comment', [space], call)) talk.#add(rows)
    return talk
  }

  static async ofPages(wiki: Wiki, ids: readonly string[], call: Call): Promise<Talk> {
    const talk = new Talk()
    for await (const rows of contentOfPages(wiki, 'comment', ids, call)) talk.#add(rows)
    return talk
  }

  of(id: string): string | undefined {
    return this.#sums.get(id)?.toString(36)
  }

  #add(rows: readonly ContentJson[]): void {
    for (const row of rows) {
      const id = containerOf(row)
      if (id === undefined) continue
      this.#sums.set(id, ((this.#sums.get(id) ?? 0) + hash48(`${row.id}:${row.version?.number}`)) % 2 ** 48)
    }
  }
}

/** The comments of one page with their texts, the oldest first, answers behind what they answer. Whole, or an error. */
export async function commentsOf(wiki: Wiki, id: string, { signal }: Call): Promise<readonly ContentJson[]> {
  const expand = ['body.storage', 'version', 'history', 'ancestors', 'extensions.inlineProperties']
  const found: ContentJson[] = []
  if (wiki.flavour === 'cloud')
    for await (const rows of search(wiki, `type = comment and container = ${id}`, { signal, expand }))
      found.push(...rows)
  else
    for await (const rows of wiki.client.offsets<ContentJson>(`rest/api/content/${id}/child/comment`, {
      signal,
      limit: 100,
      query: { depth: 'all', expand: expand.join(',') },
    }))
      found.push(...rows)
  const madeAt = ({ history, version }: ContentJson) => Date.parse(history?.createdDate ?? version?.when ?? '') || 0
  const byTime = found.sort((one, other) => madeAt(one) - madeAt(other))
  const ids = new Set(found.map((one) => one.id))
  const answers = Map.groupBy(byTime, ({ ancestors }) => ancestors?.findLast((one) => ids.has(one.id))?.id)
  const under = (parent: string | undefined): readonly ContentJson[] =>
    (answers.get(parent) ?? []).flatMap((one) => [one, ...under(one.id)])
  return under(undefined)
}
