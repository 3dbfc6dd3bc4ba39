import { type Checkpoint, type ConnectorError, checkpoint, type Entry, type Json, type ListRun } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Config } from './config.ts'
import { entryOf } from './documents.ts'
import { findFrontier, newestFirst } from './frontier.ts'
import { childrenIn } from './pages.ts'
import { rowsOf } from './rows.ts'
import { dataSourcesOf, getDataSource, getPage, isAbsence } from './scope.ts'
import type { NotionRun, Session } from './session.ts'
import type { DataSource, Page } from './types.ts'

/** How far a listing came: through this page, or into this data source. */
type Progress =
  | { readonly phase: 'pages'; readonly id: string; readonly last_edited_time: string }
  | { readonly phase: 'rows'; readonly id: string; readonly from?: string }

const lookedIntoAtOnce = 4

interface Children {
  readonly pages: readonly string[]
  readonly databases: readonly string[]
}

/** Every page and row there is: pages newest first, each with what only it leads to, then the rows of each data source. */
export function listAll(session: Session, run: ListRun<Config>): AsyncGenerator<Entry | Checkpoint, void, void> {
  return new Listing({ ...run, session }).all()
}

class Listing {
  readonly #run: NotionRun & ListRun<Config>
  /** What was found and has its own turn, or had it. */
  readonly #known = new Set<string>()
  readonly #knownDatabases = new Set<string>()
  #ids: ReadonlySet<string> | undefined

  constructor(run: NotionRun & ListRun<Config>) {
    this.#run = run
  }

  async *all(): AsyncGenerator<Entry | Checkpoint, void, void> {
    const { resume, unreadable, signal } = this.#run
    signal.throwIfAborted()
    const progress = isProgress(resume) ? resume : undefined
    const { pages, sources, ids, cut } = await findFrontier(this.#run)
    this.#ids = ids
    if (cut) unreadable('', cut)
    for (const { id } of pages) this.#known.add(id)
    for (const source of sources) this.#knowSource(source)

    if (progress?.phase !== 'rows') {
      const rest = progress ? pages.filter((page) => newestFirst(page, progress) > 0) : pages
      const looked = mapConcurrently(rest, lookedIntoAtOnce, async (page) => ({
        page,
        children: await this.#look(page, 'pages'),
      }))
      let count = 0
      for await (const { page, children } of looked) {
        yield* this.#pageWith(page, children)
        const { id, last_edited_time } = page
        // Often enough while looking into pages takes a call each.
        if (++count % 20 === 0 || count === rest.length)
          yield checkpoint({ phase: 'pages', id, last_edited_time } satisfies Progress)
      }
    }
    for (const source of sources) {
      if (progress?.phase === 'rows' && source.id < progress.id) continue
      const from = progress?.phase === 'rows' && source.id === progress.id ? progress.from : undefined
      yield* this.#source(source, from)
    }
  }

  async *#pageWith(page: Page, children: Children): AsyncGenerator<Entry, void, void> {
    const { session, signal, log } = this.#run
    yield await entryOf(page, session, signal)
    for (const id of children.pages) {
      if (this.#known.has(id)) continue
      this.#known.add(id)
      const child = await getPage(id, this.#run)
      // A link can look like a child.
      if (!child || (this.#ids && !(await session.tree.isUnder(child, this.#ids, signal)))) continue
      log.debug('Search missed a page that another one holds.', { page: id })
      session.tree.add(child)
      yield* this.#pageWith(child, await this.#look(child, 'pages'))
    }
    for (const id of children.databases) {
      if (this.#knownDatabases.has(id)) continue
      this.#knownDatabases.add(id)
      for (const source of (await dataSourcesOf(id, this.#run)) ?? []) {
        if (this.#known.has(source.id)) continue
        session.tree.add(source)
        this.#knowSource(source)
        for await (const item of this.#source(source)) if (!('kind' in item)) yield item
      }
    }
  }

  async *#source(source: DataSource, from?: string): AsyncGenerator<Entry | Checkpoint, void, void> {
    const { session, config, signal, unreadable, log } = this.#run
    const own = await entryOf(source, session, signal)
    if (config.includeDatabases && from === undefined) yield own
    const subtree = own.path.replace(/\.md$/, '/')
    const listed = new Set<string>()
    try {
      for await (const { rows, cut } of rowsOf(source, this.#run, from)) {
        for (const row of rows) {
          if (this.#known.has(row.id) || listed.has(row.id)) continue
          listed.add(row.id)
          yield* this.#pageWith(row, await this.#look(row, 'all'))
        }
        if (cut) unreadable(subtree, cut)
        const last = rows.at(-1)?.created_time
        yield checkpoint({
          phase: 'rows',
          id: source.id,
          ...(last === undefined ? {} : { from: last }),
        } satisfies Progress)
      }
    } catch (error) {
      const { code, message } = error as ConnectorError
      if (code === 'not_found' && !(await getDataSource(source.id, this.#run))) {
        log.info('A database went while it was listed.', { path: own.path, reason: message })
        return
      }
      if (code !== 'forbidden' && !isAbsence(error)) throw error
      unreadable(subtree, error)
    }
  }

  #knowSource(source: DataSource): void {
    this.#known.add(source.id)
    if (source.parent.database_id) this.#knownDatabases.add(source.parent.database_id)
  }

  /** What hangs under a page, where the configuration says to look. */
  async #look(page: Page, kind: 'pages' | 'all'): Promise<Children> {
    const { session, config, signal, unreadable } = this.#run
    if (config.descend !== 'all' && config.descend !== kind) return { pages: [], databases: [] }
    try {
      return childrenIn(await session.pages.read(page.id, signal))
    } catch (error) {
      if (!isAbsence(error)) throw error
      // Gone since it was listed, or a body that Notion cannot give whole.
      if ((error as ConnectorError).code === 'unprocessable') {
        const { path } = await entryOf(page, session, signal)
        unreadable(path.replace(/\.md$/, '/'), error)
      }
      return { pages: [], databases: [] }
    }
  }
}

function isProgress(value: Json | undefined): value is Progress {
  const { phase, id, last_edited_time, from } = (value ?? {}) as {
    readonly [name in 'phase' | 'id' | 'last_edited_time' | 'from']?: unknown
  }
  if (typeof id !== 'string') return false
  if (phase === 'pages') return typeof last_edited_time === 'string'
  return phase === 'rows' && (from === undefined || (typeof from === 'string' && !Number.isNaN(Date.parse(from))))
}
