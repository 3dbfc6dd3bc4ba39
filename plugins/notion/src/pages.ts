import { ConnectorError, isConnectorError } from '@cx/core'
import type { NotionClient } from './client.ts'
import { idIn } from './ids.ts'
import type { Page, PageMarkdown } from './types.ts'

/** Parts of one page that are asked for one by one. */
const mostParts = 2_000

/** Bodies of pages by Notion's Markdown endpoint, one call each. https://developers.notion.com/reference/retrieve-page-markdown */
export class Pages {
  readonly #client: NotionClient

  constructor(client: NotionClient) {
    this.#client = client
  }

  /**
   * The whole body. Parts that Notion left out are asked for and put in their places; those that it does not support or
   * that are not shared keep their placeholder.
   *
   * @throws ConnectorError `unprocessable` when a part is missing and Notion does not say which, or gives no text of a
   * page that is there; `not_found` when the page is not.
   */
  async read(id: string, signal: AbortSignal): Promise<string> {
    const first = await this.#ask(id, signal).catch(async (error: unknown) => {
      if (isConnectorError(error) && error.code === 'not_found' && (await this.#isThere(id, signal))) throw textless(id)
      throw error
    })
    const parts = new Map<string, string>()
    const asked = new Set<string>()
    const missing = [...first.unknown_block_ids]
    let isWhole = !first.truncated || missing.length > 0
    for (let part = missing.shift(); part !== undefined; part = missing.shift()) {
      if (asked.has(part)) continue
      asked.add(part)
      if (asked.size > mostParts) throw incomplete(id)
      const piece = await this.#part(part, signal)
      if (piece === undefined) continue
      parts.set(part.replaceAll('-', '').toLowerCase(), piece.markdown)
      missing.push(...piece.unknown_block_ids)
      if (piece.truncated && piece.unknown_block_ids.length === 0) isWhole = false
    }
    if (!isWhole) throw incomplete(id)
    return assemble(first.markdown, parts)
  }

  async #part(id: string, signal: AbortSignal): Promise<PageMarkdown | undefined> {
    try {
      return await this.#ask(id, signal)
    } catch (error) {
      if (isConnectorError(error) && /^(not_found|unprocessable)$/.test(error.code)) return undefined
      throw error
    }
  }

  /** A page without text is no deleted page. */
  async #isThere(id: string, signal: AbortSignal): Promise<boolean> {
    try {
      return !(await this.#client.get<Page>(`pages/${id}`, signal)).in_trash
    } catch (error) {
      if (isConnectorError(error) && /^(not_found|unprocessable)$/.test(error.code)) return false
      throw error
    }
  }

  async #ask(id: string, signal: AbortSignal): Promise<PageMarkdown> {
    const answer = await this.#client.get<PageMarkdown>(`pages/${id}/markdown`, signal)
    if (typeof answer.markdown !== 'string')
      throw new ConnectorError('unavailable', 'Notion answered a page without its text.')
    return { ...answer, unknown_block_ids: answer.unknown_block_ids ?? [] }
  }
}

/** Puts each part in the place of its `<unknown url="…#block">`, as deep as that stood; at the end where there is no such place. */
function assemble(body: string, parts: ReadonlyMap<string, string>): string {
  const left = new Map(parts)
  const placed = (tag: string, indent: string): string => {
    const ids =
      tag
        .replaceAll('-', '')
        .toLowerCase()
        .match(/[0-9a-f]{32}/g) ?? []
    const id = ids.findLast((one) => left.has(one))
    if (id === undefined) return tag
    const part = left.get(id)!
    left.delete(id)
    return filled(part).replaceAll('\n', `\n${indent}`)
  }
  const filled = (text: string): string =>
    text
      .split('\n')
      .map((line) => {
        const indent = /^[ \t]*/.exec(line)![0]
        return line.replace(/<unknown\b[^>]{0,4000}>(?:\s*<\/unknown>)?/gi, (tag) => placed(tag, indent))
      })
      .join('\n')
  const pieces = [filled(body)]
  for (const [id, part] of left) if (left.delete(id)) pieces.push(filled(part))
  return pieces.join('\n')
}

function textless(id: string): ConnectorError {
  return new ConnectorError('unprocessable', `Notion has the page ${id} and does not give its text.`)
}

function incomplete(id: string): ConnectorError {
  return new ConnectorError(
    'unprocessable',
    `Notion gave only a part of the page ${id}, and does not say what is missing.`,
    {
      remediation: 'Split the page into smaller ones.',
    },
  )
}

/** The pages and databases that hang under a page: its `<page>` and `<database>` tags. Mentions are no children. */
export function childrenIn(markdown: string): {
  readonly pages: readonly string[]
  readonly databases: readonly string[]
} {
  const found = { page: new Set<string>(), database: new Set<string>() }
  for (const line of proseOf(markdown))
    for (const [, tag, attributes = ''] of line.matchAll(/(?<!\\)<(page|database)\s([^>]{0,4000})>/g)) {
      const url = /\burl="([^"]*)"/.exec(attributes)?.[1]
      const id = url === undefined ? undefined : idIn(url.replace(/^\{\{|\}\}$/g, ''))
      if (id !== undefined) found[tag as 'page' | 'database'].add(id)
    }
  return { pages: [...found.page], databases: [...found.database] }
}

/** The lines outside of code fences, whose content is literal. */
function* proseOf(markdown: string): Generator<string, void, void> {
  let fence: string | undefined
  for (const line of markdown.split('\n')) {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence === undefined && mark === undefined) yield line
    else if (fence === undefined) fence = mark
    else if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
  }
}
