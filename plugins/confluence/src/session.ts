import type { Log } from '@cx/core'
import { abortable } from '@cx/core/http'
import type { ConfluenceConnection } from './auth.ts'
import { Bodies } from './bodies.ts'
import { type Config, statusesOf } from './config.ts'
import { People } from './people.ts'
import { openSite, type Site } from './site.ts'

/** What every verb gets. */
export interface Running {
  readonly session: Session
  readonly config: Config
  readonly log: Log
  readonly signal: AbortSignal
}

/** How long something that is asked for again and again in one run is believed. */
const freshMs = 60_000

/** One run: the site is looked up at first use, names and access lists are kept for a while. */
export class Session {
  readonly #connection: ConfluenceConnection
  #site: Promise<Site> | undefined
  #people: People | undefined
  #bodies: Bodies | undefined
  readonly #kept = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>()

  constructor(connection: ConfluenceConnection) {
    this.#connection = connection
  }

  async site(signal: AbortSignal): Promise<Site> {
    signal.throwIfAborted()
    this.#site ??= openSite(this.#connection, this.#connection.signal)
    try {
      return await abortable(this.#site, signal)
    } catch (error) {
      if (!signal.aborted) this.#site = undefined
      throw error
    }
  }

  async people(signal: AbortSignal): Promise<People> {
    const { wiki } = await this.site(signal)
    this.#people ??= new People(wiki)
    return this.#people
  }

  async bodies(signal: AbortSignal): Promise<Bodies> {
    const { wiki } = await this.site(signal)
    const { config, signal: whole } = this.#connection
    const want = { source: config.bodySource, labels: config.includeLabels, statuses: statusesOf(config) }
    this.#bodies ??= new Bodies(wiki, want, whole)
    return this.#bodies
  }

  /** The value of `work`, or what it gave within the last minute. A failure is not kept. */
  async recent<T>(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#kept.get(name)
    if (known && performance.now() - known.at < freshMs) return known.value as Promise<T>
    const value = work()
    this.#kept.set(name, { at: performance.now(), value })
    try {
      return await value
    } catch (error) {
      if (this.#kept.get(name)?.value === value) this.#kept.delete(name)
      throw error
    }
  }
}
