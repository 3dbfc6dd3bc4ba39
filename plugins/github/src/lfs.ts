import { ConnectorError, type Content } from '@cx/core'
import type { Call } from './client.ts'
import { mimeTypeOf } from './mime.ts'
import type { Repo } from './repos.ts'
import type { StageRun } from './stage.ts'

const pointer = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n/

interface Batch {
  readonly objects?: readonly {
    readonly actions?: { readonly download?: { readonly href: string; readonly header?: Record<string, string> } }
    readonly error?: { readonly message: string }
  }[]
}

/** What a Git LFS pointer stands for; undefined when `bytes` are no pointer. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export async function resolveLfs(
  repo: Repo,
  bytes: Uint8Array,
  path: string,
  { session, config, signal }: StageRun,
): Promise<Content | undefined> {
  const found = bytes.length < 1024 ? pointer.exec(new TextDecoder().decode(bytes)) : null
  if (!found) return undefined
  const filename = path.slice(path.lastIndexOf('/') + 1)
  // The pointer is what the repository holds; its name says that it is text, not the picture it stands for.
  if (config.lfs === 'skip') return { body: bytes, mimeType: 'text/plain', filename: `${filename}.lfs.txt` }
  const call: Call = { signal, what: `LFS file ${path} of ${repo.fullName}` }
  const answer = await repo.client.download(
    `${session.webUrlOf(repo)}.git/info/lfs/objects/batch`,
    {
      method: 'POST',
      headers: {
        accept: 'application/vnd.git-lfs+json',
        'content-type': 'application/vnd.git-lfs+json',
        ...(await session.hub.gitAuthorization(repo.client)),
      },
      body: JSON.stringify({
        operation: 'download',
        transfers: ['basic'],
        objects: [{ oid: found[1], size: Number(found[2]) }],
      }),
    },
    call,
  )
  const object = ((await new Response(answer.body).json()) as Batch).objects?.[0]
  const action = object?.actions?.download
  if (!action)
    throw new ConnectorError(
      'unprocessable',
      `Git LFS has no object for ${path}: ${object?.error?.message ?? 'no download offered'}.`,
    )
  const { body } = await repo.client.download(action.href, { headers: action.header ?? {} }, call)
  return { body, mimeType: mimeTypeOf(path) ?? 'application/octet-stream', filename }
}
