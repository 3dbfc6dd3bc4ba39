import { ConnectorError } from '@cx/core'
import { openPromise, type Entry as ZipEntry, Entry as ZipEntryClass, type ZipFile } from 'yauzl'
import { dayOf, isBefore, type Span } from './time.ts'
import type { Channel, Message } from './types.ts'

const largestFile = 64 * 1024 * 1024
const mostFiles = 500_000
/** Bytes of JSON. */
const mostRecent = 8 * 1024 * 1024

/**
 * A workspace export: `channels.json`, `groups.json` and one folder a channel with one file a day, read on demand.
 * https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports
 */
export class SlackExport {
  readonly #zip: ZipFile
  /** By channel id: days in order, with where they are in the ZIP. */
  readonly #days: ReadonlyMap<string, ReadonlyMap<string, ZipEntry>>
  /** Days read last: threads that are read together mostly began together. */
  readonly #recent = new Map<ZipEntry, Promise<readonly Message[]>>()

  private constructor(zip: ZipFile, days: ReadonlyMap<string, ReadonlyMap<string, ZipEntry>>) {
    this.#zip = zip
    this.#days = days
  }

  /** @throws ConnectorError `misconfigured` when it cannot be read or is no Slack export. */
  static async open(path: string): Promise<SlackExport> {
    let zip: ZipFile
    try {
      zip = await openPromise(path, { lazyEntries: true, autoClose: false })
    } catch (error) {
      throw unreadableExport(path, error)
    }
    try {
      return new SlackExport(zip, await directory(zip, path))
    } catch (error) {
      zip.close()
      if ((error as { name?: unknown }).name === 'ConnectorError') throw error
      throw unreadableExport(path, error)
    }
  }

  /** The newest day of a channel; undefined when the export does not hold it. */
  lastDay(channelId: string): string | undefined {
    return [...(this.#days.get(channelId)?.keys() ?? [])].at(-1)
  }

  /** The days within a span, newest first. */
  dates(channelId: string, span: Span): readonly string[] {
    const from = span.oldest === undefined ? '' : dayOf(span.oldest)
    const to = span.latest === undefined ? '9999' : dayOf(span.latest)
    return [...(this.#days.get(channelId)?.keys() ?? [])].filter((date) => date >= from && date <= to).reverse()
  }

  /**
   * One day, oldest first, with replies among the messages.
   *
   * @throws ConnectorError `unprocessable` when its file is damaged or too large.
   */
  async day(channelId: string, date: string, signal: AbortSignal): Promise<readonly Message[]> {
    const entry = this.#days.get(channelId)?.get(date)
    if (!entry) return []
    signal.throwIfAborted()
    let messages = this.#recent.get(entry)
    if (messages === undefined) {
      messages = jsonOf<readonly Message[]>(this.#zip, entry).then((all) =>
        all.filter((message) => dayOf(message.ts) === date).toSorted((a, b) => (isBefore(a.ts, b.ts) ? -1 : 1)),
      )
      messages.catch(() => this.#recent.delete(entry))
    }
    this.#recent.delete(entry)
    this.#recent.set(entry, messages)
    let size = [...this.#recent.keys()].reduce((sum, one) => sum + one.uncompressedSize, 0)
    for (const one of this.#recent.keys()) {
      if (size <= mostRecent || one === entry) break
      this.#recent.delete(one)
      size -= one.uncompressedSize
    }
    return messages
  }

  /** A thread: its replies are in the files of their own days. */
  async thread(channelId: string, ts: string, signal: AbortSignal): Promise<readonly Message[]> {
    const parent = (await this.day(channelId, dayOf(ts), signal)).find((message) => message.ts === ts)
    if (!parent) return []
    const days = new Set((parent.replies ?? []).map((reply) => dayOf(reply.ts)))
    if (days.size === 0) {
      const end = dayOf(parent.latest_reply ?? ts)
      for (const date of this.#days.get(channelId)?.keys() ?? []) if (date >= dayOf(ts) && date <= end) days.add(date)
    }
    const messages: Message[] = [parent]
    for (const date of [...days].sort())
      for (const message of await this.day(channelId, date, signal))
        if (message.thread_ts === ts && message.ts !== ts) messages.push(message)
    return messages
  }

  close(): void {
    this.#zip.close()
  }
}

async function directory(zip: ZipFile, path: string): Promise<ReadonlyMap<string, ReadonlyMap<string, ZipEntry>>> {
  if (zip.entryCount > mostFiles)
    throw new ConnectorError(
      'misconfigured',
      `The export ${path} holds more than ${mostFiles} files: export a shorter range.`,
    )
  const folders = new Map<string, Map<string, ZipEntry>>()
  const lists: ZipEntry[] = []
  for await (const entry of zip.eachEntry()) {
    if (/^(channels|groups)\.json$/.test(entry.fileName)) lists.push(slim(entry))
    const [, folder, date] = /^([^/]+)\/(\d{4}-\d{2}-\d{2})\.json$/.exec(entry.fileName) ?? []
    if (folder === undefined || date === undefined) continue
    const days = folders.get(folder) ?? new Map<string, ZipEntry>()
    folders.set(folder, days.set(date, slim(entry)))
  }
  if (lists.length === 0)
    throw new ConnectorError('misconfigured', `The file ${path} is no Slack export: it has no channels.json.`, {
      remediation: 'Export the workspace (Settings, Import/Export data, Export) and give the ZIP file as it is.',
    })
  const byId = new Map<string, ReadonlyMap<string, ZipEntry>>()
  for (const list of lists)
    for (const channel of await jsonOf<readonly Channel[]>(zip, list)) {
      const days = folders.get(channel.name) ?? folders.get(channel.id)
      if (days) byId.set(channel.id, new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1))))
    }
  return byId
}

/** Only what reading needs: a large export has hundreds of thousands of files. */
function slim({
  relativeOffsetOfLocalHeader,
  compressedSize,
  uncompressedSize,
  compressionMethod,
  generalPurposeBitFlag,
}: ZipEntry): ZipEntry {
  const fields = {
    relativeOffsetOfLocalHeader,
    compressedSize,
    uncompressedSize,
    compressionMethod,
    generalPurposeBitFlag,
  }
  return Object.assign(Object.create(ZipEntryClass.prototype) as ZipEntry, fields)
}

async function jsonOf<T>(zip: ZipFile, entry: ZipEntry): Promise<T> {
  if (entry.uncompressedSize > largestFile)
    throw new ConnectorError(
      'unprocessable',
      `A file of the Slack export is larger than ${largestFile / 1024 / 1024} MB.`,
    )
  const chunks: Uint8Array[] = []
  try {
    // yauzl ends a stream that gives more than the size the ZIP states.
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array)
    return JSON.parse(Buffer.concat(chunks).toString()) as T
  } catch (error) {
    throw new ConnectorError('unprocessable', 'A file of the Slack export is damaged.', { cause: error })
  }
}

function unreadableExport(path: string, error: unknown): ConnectorError {
  return new ConnectorError('misconfigured', `The Slack export ${path} cannot be read: ${(error as Error).message}.`, {
    remediation: "Give the path of the ZIP on the host's machine.",
    cause: error,
  })
}
