import { isConnectorError } from '@cx/core'
import type { NotionClient } from './client.ts'
import { titleOf } from './properties.ts'
import { hasContent } from './scope.ts'
import type { Item, Page } from './types.ts'

/** Titles kept at most: some megabytes. */
const most = 20_000

/** The titles of pages that others relate to: those that were listed, or one call each. */
export class Titles {
  readonly #client: NotionClient
  readonly #known = new Map<string, Promise<string> | string>()

  constructor(client: NotionClient) {
    this.#client = client
  }

  add(item: Item): void {
    if (item.object === 'page' && this.#known.size < most) this.#known.set(item.id, titleOf(item))
  }

  /** The id itself where the page is gone or not shared. */
  async of(id: string, signal: AbortSignal): Promise<string> {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const asked = this.#ask(id, signal)
    if (this.#known.size < most) this.#known.set(id, asked)
    asked.catch(() => this.#known.delete(id))
    return asked
  }

  async #ask(id: string, signal: AbortSignal): Promise<string> {
    try {
      const page = await this.#client.get<Page>(`pages/${id}`, signal)
      return hasContent(page) ? titleOf(page) : id
    } catch (error) {
      if (isConnectorError(error) && /^(not_found|unprocessable)$/.test(error.code)) return id
      throw error
    }
  }
}
