import { type Call, type Node, type Parent, type Row, timeOf, type Wiki } from './wiki.ts'

/** Deeper than any tree of pages that people make; a circle would have no end. */
const deepest = 500

/** Where pages lie. Data Center tells what is above each page; for Cloud it is put together from parents. */
export class Tree {
  readonly #wiki: Wiki
  readonly #nodes = new Map<string, Node | undefined>()

  constructor(wiki: Wiki) {
    this.#wiki = wiki
  }

  add(rows: Iterable<Row>): void {
    for (const { id, title, parent } of rows) this.#nodes.set(id, { id, title, ...(parent ? { parent } : {}) })
  }

  /** Looks up what is above these and not known yet: pages level by level, folders one by one. */
  async complete(rows: Iterable<Row>, call: Call): Promise<void> {
    let open = new Map<string, Parent>()
    const want = (parent: Parent | undefined) => {
      if (parent && !this.#nodes.has(parent.id)) open.set(parent.id, parent)
    }
    for (const row of rows) if (row.above === undefined) want(row.parent)
    while (open.size > 0) {
      const level = [...open.values()]
      open = new Map()
      const pages = level.filter(({ kind }) => kind === 'page').map(({ id }) => id)
      if (pages.length > 0)
        for await (const found of this.#wiki.byIds(pages, 'page', ['current', 'archived'], call)) this.add(found)
      for (const parent of level)
        if (!this.#nodes.has(parent.id))
          this.#nodes.set(parent.id, parent.kind === 'page' ? undefined : await this.#wiki.node(parent, call))
      for (const { id } of level) want(this.#nodes.get(id)?.parent)
    }
  }

  /**
   * What is above it, the top first. `whole` is false when the top is out of sight: then who may read it is not known
   * either.
   */
  above(row: Row): { readonly nodes: readonly Node[]; readonly whole: boolean } {
    if (row.above) return { nodes: row.above, whole: true }
    const nodes: Node[] = []
    for (let { parent } = row; parent; ) {
      const node = this.#nodes.get(parent.id)
      if (node === undefined || nodes.length > deepest) return { nodes: nodes.reverse(), whole: false }
      nodes.push(node)
      parent = node.parent
    }
    return { nodes: nodes.reverse(), whole: true }
  }

  /** The path of a page or blog post; attachments lie under it without `.md`. */
  pathOf(row: Row, spaceKey: string): string {
    if (row.kind === 'blogpost') {
      const date = new Date(timeOf(row.createdAt) || row.modified)
      const month = String(date.getUTCMonth() + 1).padStart(2, '0')
      return [spaceKey, 'blog', date.getUTCFullYear(), month, `${segment(row.title, row.id)}.md`].join('/')
    }
    const folders = this.above(row).nodes.map((node) => segment(node.title, node.id))
    return [spaceKey, ...folders, `${segment(row.title, row.id)}.md`].join('/')
  }
}

/** A title as one segment of a path: a slash in it is written as the division slash. */
export function segment(title: string, id: string): string {
  return title.replaceAll('/', '\u2215') || id
}
