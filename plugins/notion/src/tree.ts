import { isConnectorError } from '@cx/core'
import type { NotionClient } from './client.ts'
import { plainText, titleOf } from './properties.ts'
import type { Database, DataSource, Item, Page, Parent } from './types.ts'

/** Where something hangs; a block has no name, and is passed over in paths. */
interface Node {
  readonly name: string | undefined
  readonly parent: Parent | undefined
}

const deepest = 100

/** The pages and databases above others, as far as they are shared with us. What lists do not show is asked for once. */
export class Tree {
  readonly #client: NotionClient
  readonly #nodes = new Map<string, Promise<Node> | Node>()

  constructor(client: NotionClient) {
    this.#client = client
  }

  /** Remembers what a list showed. */
  add(item: Item): void {
    this.#nodes.set(item.id, nodeOf(item))
  }

  /** The item's path: names from the root down, each with its slashes replaced. */
  async pathOf(item: Item, signal: AbortSignal): Promise<string> {
    const names = [segment(nodeOf(item).name!)]
    for await (const { name } of this.#above(nodeOf(item).parent, signal))
      if (name !== undefined) names.push(segment(name))
    return `${names.reverse().join('/')}.md`
  }

  /** Whether the item is one of these, or lies under one. */
  async isUnder(item: Item, roots: ReadonlySet<string>, signal: AbortSignal): Promise<boolean> {
    if (roots.has(item.id)) return true
    for await (const { id } of this.#above(item.parent, signal)) if (roots.has(id)) return true
    return false
  }

  async *#above(from: Parent | undefined, signal: AbortSignal): AsyncGenerator<Node & { readonly id: string }> {
    let parent = from
    for (let depth = 0; parent !== undefined && depth < deepest; depth++) {
      const found = idOf(parent)
      if (found === undefined) return
      let node = this.#nodes.get(found.id)
      if (node === undefined) {
        node = this.#ask(found, signal)
        this.#nodes.set(found.id, node)
        // Awaited right below; a failure is asked again by the next.
        node.catch(() => this.#nodes.delete(found.id))
      }
      const { name, parent: next } = await node
      yield { id: found.id, name, parent: next }
      parent = next
    }
  }

  async #ask({ id, path }: { readonly id: string; readonly path: string }, signal: AbortSignal): Promise<Node> {
    try {
      return nodeOf(await this.#client.get<Item | Database | Block>(`${path}/${id}`, signal))
    } catch (error) {
      // Not shared with us: what lies under it hangs at the root.
      if (isConnectorError(error) && /^(not_found|unprocessable)$/.test(error.code))
        return { name: undefined, parent: undefined }
      throw error
    }
  }
}

interface Block {
  readonly object: 'block'
  readonly parent: Parent
}

function nodeOf(item: Item | Database | Block | Page | DataSource): Node {
  switch (item.object) {
    case 'page':
      return { name: titleOf(item), parent: item.parent }
    case 'data_source':
      // The database has the data source's name, or is only a frame around several.
      return { name: dataSourceTitle(item), parent: item.database_parent ?? item.parent }
    default:
      return { name: undefined, parent: item.parent }
  }
}

export function dataSourceTitle({ title }: DataSource): string {
  return plainText(title).replace(/\s+/g, ' ').trim() || 'Untitled'
}

function idOf(parent: Parent): { readonly id: string; readonly path: string } | undefined {
  if (parent.data_source_id) return { id: parent.data_source_id, path: 'data_sources' }
  if (parent.page_id) return { id: parent.page_id, path: 'pages' }
  if (parent.block_id) return { id: parent.block_id, path: 'blocks' }
  if (parent.database_id) return { id: parent.database_id, path: 'databases' }
  return undefined
}

/** One name of a path: no slashes, and never `.` or `..`. */
function segment(name: string): string {
  const safe = name.normalize('NFC').replaceAll('/', '∕')
  return /^\.+$/.test(safe) ? safe.replaceAll('.', '․') : safe
}
