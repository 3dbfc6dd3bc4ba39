import type { Content, Entry, Json, Log, Removed } from '@cx/core'
import type { Config } from './config.ts'
import type { Repo } from './repos.ts'
import type { Session } from './session.ts'

export interface StageRun {
  readonly session: Session
  readonly config: Config
  readonly log: Log
  readonly signal: AbortSignal
  /** Of the entries' paths; undefined when all are wanted. */
  readonly only?: readonly string[]
}

/** One kind of document of a repository: files, issues, releases and so on. */
export interface Stage {
  /** Short and lasting: it stands in cursors and refs. */
  readonly name: string
  /** Where it stands now, small. With `known` an unchanged answer is free of charge. */
  mark(repo: Repo, run: StageRun, known?: Json): Promise<Json>
  /** Every document as of `mark`, in a stable order. */
  list(repo: Repo, mark: Json, run: StageRun, after?: string): AsyncIterable<Entry>
  /** What happened since `mark`; returns the next mark. */
  since(repo: Repo, mark: Json, run: StageRun): AsyncGenerator<Entry | Removed, Json, void>
  read(repo: Repo, entry: Entry, run: StageRun): Promise<Content>
  /** The subtree that could not be listed when `list` fails. */
  subtree(repo: Repo): string
}

/** Whether `path` is asked for by a hint of exact paths and subtrees. */
export function isAsked(path: string, only: readonly string[] | undefined): boolean {
  return !only || only.some((one) => path === one || (one.endsWith('/') && path.startsWith(one)))
}

/** Whether anything under `subtree` can be. */
export function touches(subtree: string, only: readonly string[] | undefined): boolean {
  return !only || only.some((one) => one.startsWith(subtree) || (one.endsWith('/') && subtree.startsWith(one)))
}

/** What stands behind the entry `after`; everything when that is no longer there, so that a resumed listing is never short. */
export async function* behind(
  list: () => AsyncIterable<Entry>,
  after: string | undefined,
): AsyncGenerator<Entry, void, void> {
  let found = after === undefined
  for await (const entry of list())
    if (found) yield entry
    else if (entry.id === after) found = true
  if (!found) yield* list()
}
