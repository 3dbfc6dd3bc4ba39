import { ConnectorError, type Entry } from '@cx/core'
import { abortable } from '@cx/core/http'
import { Ahead, type Listed } from './ahead.ts'
import { childKinds, childRows } from './children.ts'
import { encodeSoql, type Row } from './client.ts'
import { isTooLong, salesforceCode } from './errors.ts'
import { type ChildKind, text } from './part.ts'
import { contentFields } from './record.ts'
import { renderRecord } from './render.ts'
import { among } from './scan.ts'
import type { Session } from './session.ts'

interface Waiter {
  readonly entry: Entry
  readonly resolve: (markdown: string) => void
  readonly reject: (error: unknown) => void
}

/** Characters of texts that wait for their readers. */
const mostReady = 16 * 1024 * 1024

/** Reads the records of one object: whoever asks at the same time shares a query, which also brings what is likely next. */
export class RecordBatch {
  readonly #session: Session
  readonly #object: string
  readonly #ahead = new Ahead()
  readonly #waiting = new Map<string, Waiter[]>()
  readonly #ready = new Map<string, { readonly version: string; readonly markdown: string }>()
  #readySize = 0
  #fetching: { readonly done: Promise<void>; readonly next: ReadonlyMap<string, Listed> } | undefined
  #scheduled = false
  #fetched = false

  constructor(session: Session, object: string) {
    this.#session = session
    this.#object = object
  }

  listed(id: string, as: Listed): void {
    this.#ahead.add(id, as)
  }

  async read(id: string, entry: Entry, signal: AbortSignal): Promise<string> {
    // On its way already: wait for it rather than ask twice.
    if (this.#fetching?.next.get(id)?.version === entry.version) await abortable(this.#fetching.done, signal)
    const ready = this.#ready.get(id)
    if (ready) {
      this.#ready.delete(id)
      this.#readySize -= ready.markdown.length
      if (ready.version === entry.version) return ready.markdown
    }
    const markdown = new Promise<string>((resolve, reject) => {
      const list = this.#waiting.get(id) ?? []
      this.#waiting.set(id, list)
      list.push({ entry, resolve, reject })
    })
    markdown.catch(() => {})
    this.#schedule(signal)
    return abortable(markdown, signal)
  }

  #schedule(signal: AbortSignal): void {
    if (this.#scheduled || this.#waiting.size === 0) return
    this.#scheduled = true
    setImmediate(() => {
      const waiting = new Map(this.#waiting)
      this.#waiting.clear()
      void this.#fetch(waiting, signal).finally(() => {
        this.#scheduled = false
        this.#schedule(signal)
      })
    })
  }

  async #fetch(waiting: ReadonlyMap<string, readonly Waiter[]>, signal: AbortSignal): Promise<void> {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>()
    try {
      const next = this.#next([...waiting.keys()])
      this.#fetching = { done, next }
      const found = await this.#texts(titlesOf(waiting, next), signal)
      for (const [id, waiters] of waiting) {
        const markdown = found.get(id)
        for (const { resolve, reject, entry } of waiters)
          if (markdown === undefined)
            reject(new ConnectorError('not_found', `${entry.path} is no longer in Salesforce.`))
          else resolve(markdown)
      }
      for (const [id, { version }] of next) this.#keep(id, version, found.get(id))
    } catch (error) {
      for (const waiters of waiting.values()) for (const { reject } of waiters) reject(error)
    } finally {
      this.#fetching = undefined
      finish()
    }
  }

  #next(ids: readonly string[]): Map<string, Listed> {
    // What the last batch brought besides should be gone by now.
    if (this.#fetched) this.#ahead.learn(this.#ready.size <= 4)
    if (this.#ready.size > 4) this.#clearReady()
    this.#fetched = true
    const next = new Map<string, Listed>()
    for (const id of ids) for (const [one, listed] of this.#ahead.after(id)) next.set(one, listed)
    for (const id of ids) next.delete(id)
    return next
  }

  #clearReady(): void {
    this.#ready.clear()
    this.#readySize = 0
  }

  #keep(id: string, version: string, markdown: string | undefined): void {
    if (markdown === undefined || this.#readySize + markdown.length > mostReady) return
    this.#ready.set(id, { version, markdown })
    this.#readySize += markdown.length
  }

  /** By id; what is missing is gone. */
  async #texts(
    titles: ReadonlyMap<string, string>,
    signal: AbortSignal,
    again = true,
  ): Promise<ReadonlyMap<string, string>> {
    const { client, schema, config } = this.#session
    const description = await schema.describe(this.#object, signal)
    const fields = contentFields(description, config)
    try {
      const rows = await this.#rows([...new Set(fields.map(({ path }) => path))], [...titles.keys()], signal)
      const children: { readonly kind: ChildKind; readonly rows: ReadonlyMap<string, readonly Row[]> }[] = []
      const info = await schema.object(this.#object, signal)
      const options = { ...config, feedEnabled: description.feedEnabled ?? info.feedEnabled ?? false }
      for (const kind of childKinds(info, await schema.objects(signal), options))
        children.push({ kind, rows: await childRows(client, kind, [...rows.keys()], signal) })
      return new Map(
        [...rows].map(([id, row]) => {
          const own = children.map(({ kind, rows: all }) => ({ kind, rows: all.get(id) ?? [] }))
          return [id, renderRecord(titles.get(id) || id, fields, row, own)]
        }),
      )
    } catch (error) {
      if (salesforceCode(error) !== 'INVALID_FIELD' || !again) throw error
      schema.forget(this.#object)
      return this.#texts(titles, signal, false)
    }
  }

  /** A record is whole or missing: where its fields take several queries, it must be in each of them. */
  async #rows(
    fields: readonly string[],
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Row>> {
    const { client } = this.#session
    const room = client.addressRoom
    let rows: Map<string, Row> | undefined
    try {
      for (const group of groupsOf(fields, room / 2)) {
        const found = new Map<string, Row>()
        for await (const page of among(
          client,
          { object: this.#object, fields: ['Id', ...group], field: 'Id', ids },
          { signal },
        ))
          for (const row of page) {
            const id = text(row.Id)
            const before = rows?.get(id)
            if (!rows || before) found.set(id, { ...before, ...row })
          }
        rows = found
      }
    } catch (error) {
      // Fewer ids at a time were not enough: fewer fields too.
      if (!isTooLong(error) || client.addressRoom === room) throw error
      return this.#rows(fields, ids, signal)
    }
    return rows ?? new Map()
  }
}

function titlesOf(
  waiting: ReadonlyMap<string, readonly Waiter[]>,
  next: ReadonlyMap<string, Listed>,
): Map<string, string> {
  const titles = new Map([...next].map(([id, { title }]) => [id, title]))
  for (const [id, waiters] of waiting) titles.set(id, waiters[0]?.entry.title ?? '')
  return titles
}

function groupsOf(fields: readonly string[], room: number): string[][] {
  const groups: string[][] = [[]]
  let length = 0
  for (const field of fields.filter((one) => one !== 'Id')) {
    length += encodeSoql(`${field}, `).length
    if (length > room) {
      groups.push([])
      length = 0
    }
    groups.at(-1)!.push(field)
  }
  return groups
}
