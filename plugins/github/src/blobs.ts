import { ConnectorError } from '@cx/core'
import { abortable } from '@cx/core/http'
import type { Call } from './client.ts'
import { hasDetour } from './errors.ts'
import { blobSha } from './git-object.ts'
import { type Repo, repoParams } from './repos.ts'

/** What is known of a file that will be read. */
export interface BlobNeed {
  readonly sha: string
  readonly path: string
  readonly size?: number
}

interface BlobNode {
  readonly oid: string
  readonly isBinary: boolean | null
  readonly isTruncated: boolean
  readonly text: string | null
}

const batchSize = 50
const batchBytes = 4 << 20
/** Larger ones are cut by GraphQL (at 512,000 bytes) and are better streamed. */
const largestText = 500_000
const gatherMs = 4
/** Blobs up to this size are taken whole and checked by their hash; larger ones are streamed. */
const wholeBelow = 1 << 20
const binary =
  /\.(png|jpe?g|gif|webp|ico|bmp|tiff?|pdf|docx?|xlsx?|pptx?|od[tsp]|epub|zip|gz|tgz|bz2|xz|7z|jar|class|so|dll|exe|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi|webm|wav|ogg|flac|psd|sqlite|db|bin)$/i

/** Contents of single files: text in GraphQL batches, the rest by blob. */
export class Blobs {
  readonly #repo: Repo
  readonly #signal: AbortSignal
  readonly #asked = new Map<string, PromiseWithResolvers<Uint8Array | undefined>>()
  /** Files announced by a change feed, not read yet: taken along when a batch has room. */
  readonly #upcoming = new Map<string, number>()
  readonly #ready = new Map<string, Uint8Array>()
  #timer: NodeJS.Timeout | undefined

  constructor(repo: Repo, signal: AbortSignal) {
    this.#repo = repo
    this.#signal = signal
  }

  announce(needs: Iterable<BlobNeed>): void {
    for (const need of needs) if (batchable(need)) this.#upcoming.set(need.sha, need.size ?? 0)
  }

  async read(need: BlobNeed, signal: AbortSignal): Promise<Uint8Array | ReadableStream<Uint8Array>> {
    const ready = this.#ready.get(need.sha)
    if (ready) {
      this.#ready.delete(need.sha)
      return ready
    }
    if (this.#repo.client.graphqlThere && batchable(need)) {
      const text = await abortable(this.#gather(need.sha), signal)
      if (text) return text
    }
    this.#upcoming.delete(need.sha)
    return rawBlob(this.#repo, need, signal)
  }

  #gather(sha: string): Promise<Uint8Array | undefined> {
    let waiter = this.#asked.get(sha)
    if (!waiter) {
      waiter = Promise.withResolvers()
      this.#asked.set(sha, waiter)
      if (this.#asked.size >= batchSize) void this.#flush()
      else this.#timer ??= setTimeout(() => void this.#flush(), gatherMs)
    }
    return waiter.promise
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const asked = new Map(this.#asked)
    this.#asked.clear()
    for (const sha of asked.keys()) this.#upcoming.delete(sha)
    const along = this.#along(batchSize - asked.size)
    try {
      const texts = await readTexts(this.#repo, [...asked.keys(), ...along], {
        signal: this.#signal,
        what: `files of ${this.#repo.fullName}`,
      })
      for (const [sha, waiter] of asked) waiter.resolve(texts.get(sha))
      for (const sha of along) if (texts.has(sha)) this.#ready.set(sha, texts.get(sha)!)
    } catch (error) {
      for (const waiter of asked.values())
        if (hasDetour(error)) waiter.resolve(undefined)
        else waiter.reject(error)
    }
  }

  #along(room: number): string[] {
    const along: string[] = []
    let bytes = 0
    if (this.#ready.size > batchSize * 2) return along
    for (const [sha, size] of this.#upcoming) {
      if (along.length >= room || bytes + size > batchBytes) break
      along.push(sha)
      bytes += size
      this.#upcoming.delete(sha)
    }
    return along
  }
}

function batchable({ path, size = 0 }: BlobNeed): boolean {
  return size <= largestText && !binary.test(path)
}

/** Texts by SHA, of those that are whole and really UTF-8. A query without connections costs one point. */
async function readTexts(repo: Repo, shas: readonly string[], call: Call): Promise<Map<string, Uint8Array>> {
  const blobs = shas.map((sha, index) => `b${index}: object(oid: "${sha}") { ...blob }`).join('\n')
  const { repository } = await repo.client.graphql<{ repository: Record<string, BlobNode | null> | null }>(
    `query ($owner: String!, $repo: String!) { repository(owner: $owner, name: $repo) { ${blobs} } }
     fragment blob on Blob { oid isBinary isTruncated text }`,
    { ...call, params: repoParams(repo) },
  )
  const texts = new Map<string, Uint8Array>()
  for (const node of Object.values(repository ?? {})) {
    if (node?.isBinary !== false || node.isTruncated || node.text === null) continue
    const bytes = Buffer.from(node.text)
    // GitHub decodes what is not UTF-8, with losses: the hash tells.
    if (blobSha(bytes) === node.oid) texts.set(node.oid, bytes)
  }
  return texts
}

/** One blob, up to 100 MB. https://docs.github.com/en/rest/git/blobs#get-a-blob */
async function rawBlob(
  repo: Repo,
  { sha, path, size = Number.POSITIVE_INFINITY }: BlobNeed,
  signal: AbortSignal,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  const { body, contentType } = await repo.client.stream('/repos/{owner}/{repo}/git/blobs/{sha}', {
    signal,
    what: `file ${path} of ${repo.fullName}`,
    params: { ...repoParams(repo), sha },
    headers: { accept: 'application/vnd.github.raw+json' },
  })
  // Servers that know no raw media type wrap the bytes.
  const wrapped = contentType.startsWith('application/json')
  if (!wrapped && size > wholeBelow) return body
  const bytes = wrapped ? await unwrap(body) : new Uint8Array(await new Response(body).arrayBuffer())
  if (blobSha(bytes) === sha) return bytes
  throw new ConnectorError('unavailable', `GitHub sent ${path} of ${repo.fullName} damaged.`)
}

async function unwrap(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const { content = '', encoding } = (await new Response(body).json()) as { content?: string; encoding?: string }
  return Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
}
