import { ConnectorError, type Content, type Entry } from '@cx/core'
import { refOf } from './part.ts'
import { RecordBatch } from './record-batch.ts'
import type { Session } from './session.ts'

/** The contents of entries: files one by one, records many at a time. */
export class Reader {
  readonly #session: Session
  readonly #batches = new Map<string, RecordBatch>()

  constructor(session: Session) {
    this.#session = session
  }

  /** Told of each page of a listing, so that records which are read in its order come in few calls. */
  listed(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const ref = refOf(entry)
      if (ref && ref.kind !== 'file')
        this.#batch(ref.object).listed(ref.id, { version: entry.version, title: entry.title ?? '' })
    }
  }

  async read(entry: Entry, signal: AbortSignal): Promise<Content> {
    signal.throwIfAborted()
    const ref = refOf(entry)
    if (!ref) throw new ConnectorError('unprocessable', `${entry.path} has no reference to its record; list it again.`)
    if (ref.kind === 'file') {
      const body = await this.#session.client.stream(`/sobjects/ContentVersion/${ref.id}/VersionData`, {
        signal,
        headers: { accept: '*/*' },
      })
      return { body, mimeType: 'application/octet-stream', filename: entry.path.slice(entry.path.lastIndexOf('/') + 1) }
    }
    const body = await this.#batch(ref.object).read(ref.id, entry, signal)
    return { body, mimeType: 'text/markdown', filename: `${ref.id}.md` }
  }

  #batch(object: string): RecordBatch {
    let batch = this.#batches.get(object)
    if (!batch) {
      batch = new RecordBatch(this.#session, object)
      this.#batches.set(object, batch)
    }
    return batch
  }
}
