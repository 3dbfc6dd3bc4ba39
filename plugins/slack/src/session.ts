import type { Log, Run } from '@cx/core'
import type { Room } from './channels.ts'
import { type Selection, selectChannels } from './channels.ts'
import { type ClientOptions, SlackClient } from './client.ts'
import type { Config } from './config.ts'
import { DayReader } from './day-reader.ts'
import type { Desk } from './documents.ts'
import { SlackExport } from './export.ts'
import { NameBook } from './people.ts'

/** What every verb works with. */
export interface SlackRun extends Run<Config> {
  readonly session: Session
}

const recentMs = 60_000

/** One run's connection: the client, and what was read once for all documents. */
export class Session {
  readonly client: SlackClient
  readonly names: NameBook
  readonly days: DayReader
  readonly #config: Config
  #selected: { readonly at: number; readonly selection: Selection } | undefined
  #export: Promise<SlackExport> | undefined

  constructor(config: Config, log: Log, options: Omit<ClientOptions, 'apiUrl' | 'log'>) {
    this.client = new SlackClient({ ...options, apiUrl: config.apiUrl, log })
    this.names = new NameBook(this.client, log)
    this.days = new DayReader(this.client)
    this.#config = config
  }

  /** The configured channels as they are now. */
  async select(signal: AbortSignal): Promise<Selection> {
    const selection = await selectChannels(this.client, this.#config, signal)
    this.#selected = { at: Date.now(), selection }
    return selection
  }

  /** The same, at most a minute old: for verbs that are called page by page. */
  async selectRecent(signal: AbortSignal): Promise<Selection> {
    const recent = this.#selected
    return recent && Date.now() - recent.at < recentMs ? recent.selection : this.select(signal)
  }

  /** What the documents of a channel are made with. */
  async deskFor(room: Room, signal: AbortSignal): Promise<Desk> {
    const identity = await this.client.identity(signal)
    const names = await this.names.namesFor('', signal)
    return { client: this.client, identity, config: this.#config, room, names }
  }

  /** The configured export, opened at first use. */
  export(): Promise<SlackExport> | undefined {
    const { exportPath } = this.#config
    if (exportPath !== undefined) this.#export ??= SlackExport.open(exportPath)
    return this.#export
  }

  async close(): Promise<void> {
    const opened = await this.#export?.catch(() => undefined)
    opened?.close()
  }
}
