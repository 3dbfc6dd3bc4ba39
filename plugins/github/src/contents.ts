import { type BlobNeed, Blobs } from './blobs.ts'
import { hasDetour } from './errors.ts'
import type { PathFilter } from './filter.ts'
import { type Repo, repoParams } from './repos.ts'
import { Tarball } from './tarball.ts'

/** A file to read, and its place in the listing of its commit. */
export interface FileNeed extends BlobNeed {
  readonly commit: string
  readonly index: number
}

/** With fewer files ahead than this, batches of blobs cost no more calls than an archive and less download. */
const worthArchive = 150
const worthShare = 0.2
/** Readers run a little out of order: this far, a file is worth waiting for. */
const near = 500

/**
 * Where a repository's contents come from in one run. A first sync reads nearly every file in the order of the listing:
 * one archive serves all of them. A few changed files come as GraphQL batches and blobs.
 */
export class RepoContents {
  readonly #repo: Repo
  readonly #blobs: Blobs
  #wanted: PathFilter = () => true
  #commit = ''
  /** Files that a listing or a change feed has announced. */
  #expected = 0
  #first = 0
  #reads = 0
  #tarball: Tarball | undefined
  #archives = true

  constructor(repo: Repo, signal: AbortSignal) {
    this.#repo = repo
    this.#blobs = new Blobs(repo, signal)
  }

  /** A listing of `commit` begins with the file at `first`; which of its files will be read is not known. */
  async expectListing(commit: string, first: number, total: number, wanted: PathFilter): Promise<void> {
    await this.#reset(commit, wanted)
    this.#first = first
    this.#expected = total - first
  }

  /** These files will be read, all of them, out of `total` in the commit. */
  async expectChanges(commit: string, needs: readonly BlobNeed[], total: number): Promise<void> {
    // A few hundred files of a huge repository are less download as batches than its whole archive.
    const few = needs.length < worthArchive || needs.length < total * worthShare
    const paths = few ? undefined : new Set(needs.map(({ path }) => path))
    await this.#reset(commit, (path) => paths?.has(path) ?? false)
    this.#expected = paths ? needs.length : 0
    if (!paths) this.#blobs.announce(needs)
  }

  async read(need: FileNeed, signal: AbortSignal): Promise<Uint8Array | ReadableStream<Uint8Array>> {
    const tarball = this.#archiveFor(need)
    if (tarball)
      try {
        const found = await tarball.read(need.path, signal)
        if (found?.sha === need.sha) return found.body
        if (found && !(found.body instanceof Uint8Array)) await found.body.cancel()
      } catch (error) {
        if (!hasDetour(error)) throw error
        // No archive is to be had; the files still are.
        this.#archives = false
      }
    return this.#blobs.read(need, signal)
  }

  async close(): Promise<void> {
    await this.#tarball?.close()
    this.#tarball = undefined
  }

  #archiveFor(need: FileNeed): Tarball | undefined {
    if (!this.#archives || need.commit !== this.#commit) return undefined
    this.#reads++
    const into = need.index - this.#first
    // Half of the files so far were asked for: the others that follow will be, too.
    const dense = this.#reads * 2 > into
    const tarball = this.#tarball
    if (tarball) return dense || tarball.isPast(need.path) || need.index - tarball.position < near ? tarball : undefined
    if (this.#expected - Math.max(0, into) < worthArchive || !(dense || into < 64)) return undefined
    this.#tarball = this.#open(need.commit)
    return this.#tarball
  }

  #open(commit: string): Tarball {
    const repo = this.#repo
    return new Tarball({
      wanted: this.#wanted,
      open: async (signal) => {
        const call = { signal, what: `archive of ${repo.fullName}`, params: { ...repoParams(repo), ref: commit } }
        return (await repo.client.stream('/repos/{owner}/{repo}/tarball/{ref}', call)).body
      },
    })
  }

  async #reset(commit: string, wanted: PathFilter): Promise<void> {
    await this.close()
    this.#commit = commit
    this.#wanted = wanted
    this.#first = 0
    this.#reads = 0
  }
}
