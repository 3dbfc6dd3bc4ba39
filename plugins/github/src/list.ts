import { createHash } from 'node:crypto'
import { type Checkpoint, checkpoint, type Entry, type Json, type ListRun } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Config } from './config.ts'
import { concernsPart } from './errors.ts'
import type { Repo } from './repos.ts'
import type { Session } from './session.ts'
import { isAsked, type Stage, type StageRun, touches } from './stage.ts'
import { stagesOf } from './stages.ts'

/** How far a listing came, and the state of everything it had passed. */
type Progress = {
  /** Hash over the repositories before this one. */
  readonly done: string
  readonly repo: number
  /** Hash over this one. */
  readonly state: string
  readonly stage: string
  readonly after: string
}

const entriesPerCheckpoint = 500

/** Every document there is: repositories in the order of the configuration, their stages one after another. */
export async function* listAll(session: Session, run: ListRun<Config>): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { config, log, signal, paths } = run
  const stages = stagesOf(config)
  const stageRun: StageRun = { session, config, log, signal, ...(paths ? { only: paths } : {}) }
  const selection = await session.select(signal)
  const repos = selection.repos.filter((repo) => touches(`${repo.fullName}/`, paths))
  for (const { path, error } of selection.missing) run.unreadable(path, error)

  const { from, done: passed, progress } = await resumeAt(repos, stages, stageRun, run.resume)
  let done = passed
  for (const repo of repos.slice(from)) {
    const resumed = progress?.repo === repo.id ? progress : undefined
    const marks: Json[] = []
    for (const stage of stages) marks.push(await readable(stage, repo, run, () => stage.mark(repo, stageRun)))
    const state = hash(repo.id, marks)
    let begun = resumed === undefined || resumed.state !== state
    let yielded = 0
    let last: Progress | undefined
    for (const [index, stage] of stages.entries()) {
      let after: string | undefined
      if (!begun) {
        if (stage.name !== resumed!.stage) continue
        begun = true
        after = resumed!.after
      }
      if (marks[index] === null || !touches(stage.subtree(repo), paths)) continue
      try {
        for await (const entry of stage.list(repo, marks[index]!, stageRun, after)) {
          if (!isAsked(entry.path, paths)) continue
          yield entry
          last = { done, repo: repo.id, state, stage: stage.name, after: entry.id }
          if (++yielded % entriesPerCheckpoint === 0) yield checkpoint(last)
        }
      } catch (error) {
        if (!concernsPart(error)) throw error
        run.unreadable(stage.subtree(repo), error)
      }
    }
    if (last && yielded % entriesPerCheckpoint !== 0) yield checkpoint(last)
    done = chain(done, state)
  }
}

/** Null when this stage of this repository cannot be read, which is reported. */
async function readable(stage: Stage, repo: Repo, run: ListRun<Config>, work: () => Promise<Json>): Promise<Json> {
  try {
    return await work()
  } catch (error) {
    if (!concernsPart(error)) throw error
    run.unreadable(stage.subtree(repo), error)
    return null
  }
}

/**
 * Where to go on. Only if nothing has changed in what was listed before: the change feed's cursor is taken when a run
 * begins, so what changed between two runs of one listing must be listed again.
 */
async function resumeAt(
  repos: readonly Repo[],
  stages: readonly Stage[],
  run: StageRun,
  resume: Json | undefined,
): Promise<{ readonly from: number; readonly done: string; readonly progress?: Progress }> {
  const start = { from: 0, done: '' }
  const progress = isProgress(resume) ? resume : undefined
  const from = progress ? repos.findIndex((repo) => repo.id === progress.repo) : -1
  if (!progress || from < 0) return start
  let done = ''
  const marks = mapConcurrently(repos.slice(0, from), 4, async (repo) =>
    hash(repo.id, await Promise.all(stages.map((stage) => markOrNull(stage, repo, run)))),
  )
  for await (const state of marks) done = chain(done, state)
  return done === progress.done ? { from, done, progress } : start
}

function isProgress(value: Json | undefined): value is Progress {
  const { repo, done, state, stage, after } = (value ?? {}) as Partial<Progress>
  return typeof repo === 'number' && [done, state, stage, after].every((part) => typeof part === 'string')
}

async function markOrNull(stage: Stage, repo: Repo, run: StageRun): Promise<Json> {
  try {
    return await stage.mark(repo, run)
  } catch (error) {
    if (!concernsPart(error)) throw error
    return null
  }
}

function hash(id: number, marks: readonly Json[]): string {
  return createHash('sha256')
    .update(JSON.stringify([id, marks]))
    .digest('base64url')
    .slice(0, 22)
}

function chain(done: string, state: string): string {
  return createHash('sha256').update(`${done} ${state}`).digest('base64url').slice(0, 22)
}
