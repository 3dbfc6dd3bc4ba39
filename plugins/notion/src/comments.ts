import { isConnectorError } from '@cx/core'
import { escapeMarkdown } from '@cx/core/markdown'
import type { NotionClient } from './client.ts'
import { hash, plainText } from './properties.ts'
import type { Comment } from './types.ts'

/** Comments on pages, one call each. https://developers.notion.com/reference/list-comments */
export class Comments {
  readonly #client: NotionClient

  constructor(client: NotionClient) {
    this.#client = client
  }

  /** What the comments add to a page's version, whose time of change they leave alone; nothing where there are none. */
  async markOf(page: string, signal: AbortSignal): Promise<string> {
    const seen: unknown[] = []
    try {
      for await (const { id, last_edited_time } of this.#all(page, signal)) seen.push([id, last_edited_time])
    } catch (error) {
      // The page has just gone: whoever reads it finds out.
      if (!isConnectorError(error) || error.code !== 'not_found') throw error
    }
    return seen.length === 0 ? '' : `+${hash(seen)}`
  }

  /** As paragraphs of Markdown, oldest first. */
  async read(page: string, signal: AbortSignal): Promise<string[]> {
    const texts: string[] = []
    for await (const { rich_text, display_name, created_time } of this.#all(page, signal)) {
      const text = escapeMarkdown(plainText(rich_text))
      const who = escapeMarkdown(display_name?.resolved_name ?? 'Someone')
      if (text !== '') texts.push(`**${who}**, ${created_time}: ${text}`)
    }
    return texts
  }

  #all(page: string, signal: AbortSignal): AsyncGenerator<Comment, void, void> {
    return this.#client.getList<Comment>('comments', { block_id: page }, signal)
  }
}
