import fs from 'node:fs'
import { ConnectorError, type Entry, type Json, type Removed, removed } from '@cx/core'
import git, { type HttpClient } from 'isomorphic-git'
import { repoAcl } from './acl.ts'
import { isNotFound } from './errors.ts'
import { encodePath } from './files.ts'
import { mimeTypeOf, sniff } from './mime.ts'
import type { Repo } from './repos.ts'
import { behind, type Stage, type StageRun } from './stage.ts'

interface Page {
  readonly path: string
  readonly oid: string
}

/** The wiki's head and what it holds, so that removals are known; a wiki of many pages is listed again instead. */
type Mark = { readonly h: string | null; readonly p: readonly string[] | null }

const mostRemembered = 300

/** Wiki pages. The API has none: they are a Git repository of their own, fetched shallow. https://docs.github.com/en/communities/documenting-your-project-with-wikis */
export const wiki: Stage = {
  name: 'wiki',
  subtree: (repo) => `${repo.fullName}/wiki/`,

  async mark(repo, run) {
    const head = await headOf(repo, run)
    if (head === null) return { h: null, p: [] } satisfies Mark
    return markOf(head, await pagesOf(repo, head, run))
  },

  list: (repo, mark, run, after) =>
    behind(async function* () {
      const { h } = mark as Mark
      if (h !== null) for (const page of await pagesOf(repo, h, run)) yield toEntry(repo, page)
    }, after),

  async *since(repo, mark, run): AsyncGenerator<Entry | Removed, Json, void> {
    const before = mark as Mark
    const head = await headOf(repo, run)
    if (head === before.h) return mark
    if (before.p === null) throw new ConnectorError('cursor_expired', `The wiki of ${repo.fullName} has changed.`)
    const pages = head === null ? [] : await pagesOf(repo, head, run)
    const there = new Set(pages.map(({ path }) => path))
    for (const path of before.p) if (!there.has(path)) yield removed(pageId(repo, path))
    for (const page of pages) yield toEntry(repo, page)
    return markOf(head, pages)
  },

  async read(repo, entry, run) {
    const path = entry.id.slice(pageId(repo, '').length)
    const head = await headOf(repo, run)
    const page = head === null ? undefined : (await pagesOf(repo, head, run)).find((one) => one.path === path)
    if (!page) throw new ConnectorError('not_found', `The wiki of ${repo.fullName} has no page ${path} any more.`)
    const { blob } = await git.readBlob({ fs, gitdir: await gitdirOf(repo, run), oid: page.oid })
    return { body: blob, mimeType: sniff(path, blob), filename: path.slice(path.lastIndexOf('/') + 1) }
  },
}

function markOf(head: string | null, pages: readonly Page[]): Mark {
  return { h: head, p: pages.length > mostRemembered ? null : pages.map(({ path }) => path) }
}

async function remoteOf(repo: Repo, { session, signal }: StageRun): Promise<{ http: HttpClient; url: string }> {
  const authorization = await session.hub.gitAuthorization(repo.client)
  const call = { signal, what: `wiki of ${repo.fullName}` }
  const http: HttpClient = {
    async request({ url, method = 'GET', headers = {}, body }) {
      const sent = body ? Buffer.concat(await Array.fromAsync(body)) : undefined
      const init = { method, headers: { ...headers, ...authorization }, ...(sent ? { body: sent } : {}) }
      const answer = await repo.client.download(url, init, call)
      return {
        url,
        method,
        statusCode: 200,
        statusMessage: 'OK',
        headers: { 'content-type': answer.contentType },
        body: answer.body[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>,
      }
    },
  }
  return { http, url: `${session.webUrlOf(repo)}.wiki.git` }
}

/** Null when there is no wiki, or it has no page yet. */
async function headOf(repo: Repo, run: StageRun): Promise<string | null> {
  try {
    const refs = await git.listServerRefs({ ...(await remoteOf(repo, run)), prefix: 'HEAD' })
    return refs.find((ref) => ref.ref === 'HEAD')?.oid ?? null
  } catch (error) {
    if (isNotFound(error)) return null
    throw error
  }
}

function gitdirOf(repo: Repo, { session }: StageRun): Promise<string> {
  return session.folder(`${repo.id}.wiki.git`)
}

async function pagesOf(repo: Repo, head: string, run: StageRun): Promise<readonly Page[]> {
  const gitdir = await gitdirOf(repo, run)
  const remote = await remoteOf(repo, run)
  const here = await git.readCommit({ fs, gitdir, oid: head }).catch(() => undefined)
  if (!here) {
    await git.init({ fs, gitdir, bare: true })
    await git.addRemote({ fs, gitdir, remote: 'origin', url: remote.url, force: true })
    await git.fetch({ fs, ...remote, gitdir, singleBranch: true, depth: 1, tags: false })
  }
  const pages: Page[] = []
  await git.walk({
    fs,
    gitdir,
    trees: [git.TREE({ ref: head })],
    map: async (path, [entry]) => {
      if (path !== '.' && (await entry!.type()) === 'blob') pages.push({ path, oid: await entry!.oid() })
      return undefined
    },
  })
  return pages.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function pageId(repo: Repo, path: string): string {
  return `${repo.id}#wiki/${path}`
}

function toEntry(repo: Repo, { path, oid }: Page): Entry {
  const mimeType = mimeTypeOf(path)
  const name = path.replace(/\.[^./]+$/, '')
  return {
    id: pageId(repo, path),
    path: `${repo.fullName}/wiki/${path}`,
    version: oid,
    title: name.slice(name.lastIndexOf('/') + 1).replaceAll('-', ' '),
    url: `${repo.url}/wiki/${encodePath(name.slice(name.lastIndexOf('/') + 1))}`,
    ref: { k: 'wiki' },
    acl: repoAcl(repo),
    metadata: { repository: repo.fullName, kind: 'wiki' },
    ...(mimeType === undefined ? {} : { mimeType }),
  }
}
