import type { Person } from '../src/acl.ts'
import type { Installation } from '../src/hub.ts'
import type { RestComment } from '../src/issue-threads.ts'
import type { IssueJson } from '../src/issues.ts'
import type { ReleaseJson } from '../src/releases.ts'
import type { RepoJson } from '../src/repos.ts'
import type { TreeJson } from '../src/tree.ts'
import type { Answer } from './answers.ts'

type Item<T> = T extends readonly (infer One)[] ? One : never
/** Fails to compile where GitHub may answer what we do not expect to read. */
type Reads<Ours, Theirs extends Ours> = [Ours, Theirs]

/** Everything we read by REST. */
export type Read = [
  Reads<RepoJson, Answer<'/repos/{owner}/{repo}'>>,
  Reads<RepoJson, Item<Answer<'/orgs/{org}/repos'>>>,
  Reads<RepoJson, Item<Answer<'/user/repos'>>>,
  Reads<RepoJson, Item<Answer<'/users/{username}/repos'>>>,
  Reads<RepoJson, Item<Answer<'/installation/repositories'>['repositories']>>,
  Reads<IssueJson, Item<Answer<'/repos/{owner}/{repo}/issues'>>>,
  Reads<IssueJson, Answer<'/repos/{owner}/{repo}/issues/{issue_number}'>>,
  Reads<RestComment, Item<Answer<'/repos/{owner}/{repo}/issues/{issue_number}/comments'>>>,
  Reads<RestComment, Item<Answer<'/repos/{owner}/{repo}/pulls/{pull_number}/comments'>>>,
  Reads<RestComment, Item<Answer<'/repos/{owner}/{repo}/pulls/{pull_number}/reviews'>>>,
  Reads<ReleaseJson, Item<Answer<'/repos/{owner}/{repo}/releases'>>>,
  Reads<ReleaseJson, Answer<'/repos/{owner}/{repo}/releases/{release_id}'>>,
  Reads<TreeJson, Answer<'/repos/{owner}/{repo}/git/trees/{tree_sha}'>>,
  Reads<{ readonly content: string; readonly encoding: string }, Answer<'/repos/{owner}/{repo}/git/blobs/{file_sha}'>>,
  Reads<Person, Item<Answer<'/repos/{owner}/{repo}/collaborators'>>>,
  Reads<Person, Item<Answer<'/orgs/{org}/members'>>>,
  Reads<{ readonly login: string }, Answer<'/user'>>,
  Reads<{ readonly login: string }, Item<Answer<'/user/orgs'>>>,
  Reads<Installation, Item<Answer<'/app/installations'>>>,
  Reads<Installation, Answer<'/repos/{owner}/{repo}/installation'>>,
]
