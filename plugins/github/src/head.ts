import { ConnectorError } from '@cx/core'
import { statusOf } from './client.ts'
import { isNotFound } from './errors.ts'
import { type Repo, repoParams } from './repos.ts'

/** Where a branch stands. */
export type Head = {
  /** Null in an empty repository. */
  readonly commit: string | null
  /** Stored only where it is not the commit's own name, which is what GitHub uses. */
  readonly etag?: string
}

/** The branch's commit; free of charge while it is still `known`. https://docs.github.com/en/rest/commits/commits#get-a-commit */
export async function headOf(repo: Repo, signal: AbortSignal, known?: Head): Promise<Head> {
  const call = {
    signal,
    what: `branch ${repo.branch} of ${repo.fullName}`,
    params: { ...repoParams(repo), ref: repo.branch },
    headers: { accept: 'application/vnd.github.sha' },
  }
  const etag = known?.etag ?? (known?.commit ? `"${known.commit}"` : undefined)
  try {
    const answer = await repo.client.getIfChanged<string | { sha: string }>(
      '/repos/{owner}/{repo}/commits/{ref}',
      etag,
      call,
    )
    if (answer === undefined) return known!
    // Servers that know no such media type answer with the whole commit.
    const commit = typeof answer.data === 'string' ? answer.data.trim() : answer.data.sha
    if (!/^[0-9a-f]{40,64}$/.test(commit))
      throw new ConnectorError('unavailable', `GitHub's answer for ${call.what} was cut off.`)
    return { commit, ...(answer.etag && answer.etag !== `"${commit}"` ? { etag: answer.etag } : {}) }
  } catch (error) {
    if (statusOf((error as ConnectorError).cause) === 409) return { commit: null }
    if (isNotFound(error) || (error as ConnectorError).code === 'misconfigured')
      throw new ConnectorError('misconfigured', `The repository ${repo.fullName} has no branch "${repo.branch}".`, {
        remediation: 'Check `branch`; leave it empty for the default branch.',
      })
    throw error
  }
}
