import { createHash } from 'node:crypto'

export interface FakeFile {
  readonly content: Buffer
  /** 100644 unless told. */
  readonly mode: string
}

/** What a commit holds: text, bytes, or a link or submodule by its mode. */
export type Files = Readonly<Record<string, string | Buffer | { readonly content: string; readonly mode: string }>>

export interface TreeRow {
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly name: string
  readonly sha: string
}

/** A Git object store that computes real names, so that what it serves can be checked by hash. */
export class GitStore {
  readonly blobs = new Map<string, Buffer>()
  readonly trees = new Map<string, readonly TreeRow[]>()
  /** Commit → tree. */
  readonly commits = new Map<string, string>()

  #hash(type: string, body: Buffer): string {
    return createHash('sha1').update(`${type} ${body.length}\0`).update(body).digest('hex')
  }

  blob(content: Buffer): string {
    const sha = this.#hash('blob', content)
    this.blobs.set(sha, content)
    return sha
  }

  commit(files: Files, message = 'change'): string {
    const root: Folder = new Map()
    for (const [path, value] of Object.entries(files)) {
      const parts = path.split('/')
      let folder = root
      for (const part of parts.slice(0, -1)) {
        const next = folder.get(part)
        if (next instanceof Map) folder = next
        else {
          const made: Folder = new Map()
          folder.set(part, made)
          folder = made
        }
      }
      folder.set(parts.at(-1)!, toFile(value))
    }
    const tree = this.#tree(root)
    const body = Buffer.from(
      `tree ${tree}\nauthor A <a@example.com> ${this.commits.size} +0000\ncommitter A <a@example.com> ${this.commits.size} +0000\n\n${message}\n`,
    )
    const sha = this.#hash('commit', body)
    this.commits.set(sha, tree)
    return sha
  }

  #tree(folder: Folder): string {
    const rows: TreeRow[] = []
    for (const [name, value] of folder)
      if (value instanceof Map) rows.push({ mode: '040000', type: 'tree', name, sha: this.#tree(value) })
      else if (value.mode === '160000')
        rows.push({ mode: '160000', type: 'commit', name, sha: value.content.toString() })
      else rows.push({ mode: value.mode, type: 'blob', name, sha: this.blob(value.content) })
    // Git sorts folders as if their names ended in a slash.
    const key = (row: TreeRow) => Buffer.from(row.type === 'tree' ? `${row.name}/` : row.name)
    rows.sort((a, b) => Buffer.compare(key(a), key(b)))
    const body = Buffer.concat(
      rows.flatMap(({ mode, name, sha }) => [
        Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
        Buffer.from(sha, 'hex'),
      ]),
    )
    const sha = this.#hash('tree', body)
    this.trees.set(sha, rows)
    return sha
  }

  /** The rows of a tree or commit; all levels in pre-order when recursive. */
  *walk(sha: string, recursive: boolean, prefix = ''): Generator<TreeRow & { readonly path: string }> {
    for (const row of this.trees.get(this.commits.get(sha) ?? sha) ?? []) {
      yield { ...row, path: prefix + row.name }
      if (recursive && row.type === 'tree') yield* this.walk(row.sha, true, `${prefix}${row.name}/`)
    }
  }
}

type Folder = Map<string, FakeFile | Folder>

function toFile(value: Files[string]): FakeFile {
  if (typeof value === 'string') return { content: Buffer.from(value), mode: '100644' }
  if (Buffer.isBuffer(value)) return { content: value, mode: '100644' }
  return { content: Buffer.from(value.content), mode: value.mode }
}
