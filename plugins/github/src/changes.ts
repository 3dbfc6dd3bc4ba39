import { createHash } from 'node:crypto'
import { type Checkpoint, ConnectorError, checkpoint, type Entry, type Json, type Log, type Removed } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Config } from './config.ts'
import { concernsPart } from './errors.ts'
import { files, removedFiles } from './files.ts'
import type { Repo, Selection } from './repos.ts'
import type { StageRun } from './stage.ts'
import { stagesOf } from './stages.ts'

/** One repository as last seen. Names, branch and visibility stand in paths, addresses and access lists. */
type RepoState = {
  readonly name: string
  readonly branch: string
  readonly visibility: string
  /** By stage; null where it could not be read. */
  readonly marks: { readonly [stage: string]: Json }
}

export type Cursor = {
  /** Of the configuration: another scope needs another listing. */
  readonly scope: string
  readonly repos: { readonly [id: string]: RepoState }
  /** Configured, but never seen. */
  readonly missing: readonly string[]
}

export async function cursorNow(run: StageRun): Promise<Cursor> {
  const selection = await run.session.select(run.signal)
  const repos: Record<string, RepoState> = {}
  const states = mapConcurrently(selection.repos, 4, async (repo) => [repo.id, await stateOf(repo, run)] as const)
  for await (const [id, state] of states) repos[id] = state
  return { scope: scopeOf(run.config), repos, missing: selection.missing.map(({ path }) => path) }
}

export async function* changesSince(
  cursor: Cursor,
  run: StageRun,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  if (!isCursor(cursor)) throw expired('The stored position is not one of this connector.')
  if (cursor.scope !== scopeOf(run.config)) throw expired('The configuration has changed since the last sync.')
  const selection = await run.session.select(run.signal)
  const repos = { ...kept(cursor, selection) }
  const missing = selection.missing.map(({ path }) => path).filter((path) => !isKept(path, repos))
  for (const repo of selection.repos) {
    const before = cursor.repos[repo.id]
    try {
      const state =
        before && isSame(repo, before) ? yield* continued(repo, before, run) : yield* anew(repo, before, run)
      repos[repo.id] = state
      if (JSON.stringify(state) !== JSON.stringify(before))
        yield checkpoint({ scope: cursor.scope, repos: { ...repos }, missing })
    } catch (error) {
      // Without a state it is asked for anew next time.
      if (!concernsPart(error)) throw error
      warn(run.log, repo, error)
    }
  }
  yield checkpoint({ scope: cursor.scope, repos, missing })
}

function isCursor(value: Partial<Cursor> | null | undefined): boolean {
  return typeof value?.repos === 'object' && value.repos !== null && Array.isArray(value.missing)
}

/** The stored states that still belong to something configured. */
function kept(cursor: Cursor, { repos, missing }: Selection): Record<string, RepoState> {
  const there = new Set(repos.map(({ id }) => String(id)))
  for (const path of cursor.missing)
    if (!missing.some((part) => part.path === path)) throw expired('A repository that was not readable has come back.')
  // One that answers "not found" may come back; one that its owner no longer lists is gone, and only a full listing may say so.
  for (const [id, state] of Object.entries(cursor.repos))
    if (!there.has(id) && !missing.some(({ path }) => `${state.name}/`.startsWith(path)))
      throw expired(`The repository ${state.name} is no longer there.`)
  return cursor.repos
}

function isKept(path: string, repos: Readonly<Record<string, RepoState>>): boolean {
  return Object.values(repos).some((state) => `${state.name}/`.startsWith(path))
}

function isSame(repo: Repo, state: RepoState): boolean {
  return repo.fullName === state.name && repo.branch === state.branch && repo.visibility === state.visibility
}

async function* continued(
  repo: Repo,
  before: RepoState,
  run: StageRun,
): AsyncGenerator<Entry | Removed, RepoState, void> {
  const marks: Record<string, Json> = {}
  for (const stage of stagesOf(run.config)) {
    const mark = before.marks[stage.name] ?? null
    try {
      marks[stage.name] = mark === null ? await stage.mark(repo, run) : yield* stage.since(repo, mark, run)
    } catch (error) {
      if (!concernsPart(error)) throw error
      marks[stage.name] = mark
      warn(run.log, repo, error)
      continue
    }
    if (mark === null) throw expired(`${stage.name} of ${repo.fullName} were not readable before and are now.`)
  }
  return { ...before, marks }
}

/** A repository that is new, or whose name, branch or visibility changed: everything in it, once. */
async function* anew(
  repo: Repo,
  before: RepoState | undefined,
  run: StageRun,
): AsyncGenerator<Entry | Removed, RepoState, void> {
  const state = await stateOf(repo, run, before)
  const known = before?.marks[files.name]
  const now = state.marks[files.name]
  if (known && now) yield* removedFiles(repo, known, now, run)
  for (const stage of stagesOf(run.config)) {
    const mark = state.marks[stage.name]
    if (mark !== undefined && mark !== null) yield* stage.list(repo, mark, run)
  }
  return state
}

async function stateOf(repo: Repo, run: StageRun, before?: RepoState): Promise<RepoState> {
  const marks: Record<string, Json> = {}
  for (const stage of stagesOf(run.config))
    try {
      marks[stage.name] = await stage.mark(
        repo,
        run,
        before?.branch === repo.branch ? before.marks[stage.name] : undefined,
      )
    } catch (error) {
      if (!concernsPart(error)) throw error
      warn(run.log, repo, error)
      marks[stage.name] = null
    }
  return { name: repo.fullName, branch: repo.branch, visibility: repo.visibility, marks }
}

function warn(log: Log, repo: Repo, error: unknown): void {
  log.warn('Part of a repository cannot be read.', { repository: repo.fullName, reason: (error as Error).message })
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor_expired', why)
}

/** What decides which documents there are and how they look; limits and addresses do not. */
function scopeOf({ rateLimitReserve: _, apiUrl: __, ...scope }: Config): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(scope).sort()))
    .digest('base64url')
    .slice(0, 22)
}
