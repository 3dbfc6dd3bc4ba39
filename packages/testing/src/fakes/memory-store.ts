import type { Acl, Entry, Json, Principal } from '@cx/core'
import {
  type Clock,
  type CommitBatch,
  type ConnectorRecord,
  type DiffBatch,
  type Outcome,
  type RunKey,
  type SweepScope,
  type SyncState,
  type SyncStore,
  type UnreadablePart,
  Verdict,
} from '@cx/core/engine'
import {
  bury,
  candidates,
  isStale,
  judge,
  live,
  pageOf,
  type StoredConnector,
  type StoredDocument,
  withAcl,
} from './memory-documents.ts'
import { MemoryQueue } from './memory-queue.ts'

export interface MemoryStoreOptions {
  readonly connectors?: readonly ConnectorRecord[]
  readonly clock?: Pick<Clock, 'now'>
}

interface Listing {
  readonly generation: number
  resume?: Json
  unreadable: readonly UnreadablePart[]
}

interface Row extends StoredConnector {
  record: ConnectorRecord
  cursor?: Json
  listing?: Listing
  listedAt?: number
  held?: { readonly jobId: string; readonly generation: number }
  /** Missing paths counted so far, by job. */
  readonly missing: Map<string, number>
}

/** The engine's store and queue in memory: what their doc comments say, in the shortest form. A call that throws has changed nothing. */
export class MemoryStore implements SyncStore {
  readonly queue: MemoryQueue
  readonly #clock: Pick<Clock, 'now'>
  readonly #connectors = new Map<string, Row>()
  readonly #aclPositions = new Map<string, string>()

  constructor({ connectors = [], clock = Date }: MemoryStoreOptions = {}) {
    this.#clock = clock
    this.queue = new MemoryQueue(clock)
    for (const record of connectors) this.addConnector(record)
  }

  addConnector(record: ConnectorRecord): void {
    this.#connectors.set(record.id, {
      record,
      documents: new Map(),
      generation: 0,
      groups: new Map(),
      newGroups: undefined,
      missing: new Map(),
    })
  }

  /** Documents by source id, tombstones too. */
  documents(connectorId: string): ReadonlyMap<string, Readonly<StoredDocument>> {
    return this.#row(connectorId).documents
  }

  groups(connectorId: string): ReadonlyMap<string, readonly Principal[]> {
    return this.#row(connectorId).groups
  }

  /** As a person does through the API: `auto` leaves it deleted. */
  deleteByPerson(connectorId: string, sourceId: string): void {
    const document = this.#row(connectorId).documents.get(sourceId)
    if (document) bury(document, 'person')
  }

  async connector(connectorId: string): Promise<ConnectorRecord | undefined> {
    return this.#connectors.get(connectorId)?.record
  }

  async pinTenant(connectorId: string, tenant: string): Promise<string> {
    const row = this.#row(connectorId)
    row.record = { ...row.record, tenant: row.record.tenant ?? tenant }
    return row.record.tenant ?? tenant
  }

  async syncState(run: RunKey): Promise<SyncState> {
    const row = this.#owned(run)
    return structuredClone({
      ...(row.cursor === undefined ? {} : { cursor: row.cursor }),
      ...(row.listing === undefined ? {} : { unfinished: row.listing }),
      ...(row.listedAt === undefined ? {} : { listedAt: row.listedAt }),
      documents: live(row).length,
    })
  }

  async beginListing(run: RunKey): Promise<number> {
    const row = this.#owned(run)
    row.generation += 1
    row.listing = { generation: row.generation, unreadable: [] }
    delete row.held
    return row.generation
  }

  async diff(run: RunKey, batch: DiffBatch): Promise<Uint8Array> {
    const row = this.#owned(run)
    const { params } = this.queue.running(run)
    const named = new Set(batch.bypass ? [] : params.paths)
    return Uint8Array.from(batch.ids, (id, index) => {
      const [path, version, fingerprint] = [batch.paths[index]!, batch.versions[index]!, batch.fingerprints[index]!]
      return this.#diffOne(run, row, batch, {
        id,
        path,
        version,
        fingerprint,
        namedBy: named.has(path) ? (params.origin ?? 'person') : undefined,
      })
    })
  }

  #diffOne(
    run: RunKey,
    row: Row,
    batch: DiffBatch,
    given: { id: string } & Parameters<typeof judge>[1] & { path: string },
  ): Verdict {
    const { id, path, version, fingerprint } = given
    const stored = row.documents.get(id)
    const generation = batch.generation ?? row.generation
    if (stored === undefined) {
      const entry = { id, path, version }
      row.documents.set(id, { entry, fingerprint, status: 'pending', generation, seenBy: run.jobId, settled: false })
      this.queue.add(run, { listed: 1 })
      return Verdict.read
    }
    const mine = stored.seenBy === run.jobId
    const done = mine && stored.settled
    const same = stored.entry.version === version && stored.fingerprint === fingerprint
    // `read` has just said that it is not there: listing it again, unchanged, does not put its mark back.
    if (done && stored.gone && same) return Verdict.settled
    let verdict = judge(stored, given, batch)
    const removed = stored.status === 'deleted' && stored.deletedBy !== 'person'
    if (done && !removed && (same || verdict !== Verdict.read) && verdict !== Verdict.metadata)
      verdict = Verdict.settled
    if (!mine) this.queue.add(run, { listed: 1 })
    const ends = verdict !== Verdict.read && verdict !== Verdict.metadata
    if (verdict === Verdict.unchanged) this.queue.add(run, { unchanged: 1 })
    if (verdict === Verdict.tombstone || verdict === Verdict.skipped) this.queue.add(run, { skipped: 1 })
    if (verdict === Verdict.quarantined) this.queue.add(run, { failed: 1 })
    Object.assign(stored, { generation, seenBy: run.jobId, settled: done || ends, gone: false })
    if (stored.status === 'pending') Object.assign(stored, { entry: { id, path, version }, fingerprint })
    return verdict
  }

  async commit(run: RunKey, batch: CommitBatch): Promise<void> {
    const row = this.#owned(run)
    for (const outcome of batch.outcomes) this.#settle(run, row, batch, outcome)
    const { checkpoint, unreadable } = batch
    if (checkpoint?.kind === 'cursor') row.cursor = structuredClone(checkpoint.value)
    if (checkpoint?.kind === 'resume' && row.listing?.generation === batch.generation)
      row.listing = { ...row.listing!, resume: structuredClone(checkpoint.value) }
    if (unreadable === undefined) return
    this.queue.setUnreadable(run, unreadable)
    if (row.listing) row.listing.unreadable = unreadable
  }

  #settle(run: RunKey, row: Row, batch: CommitBatch, outcome: Outcome): void {
    if (outcome.kind === 'removed' || outcome.kind === 'gone') {
      const document = row.documents.get(outcome.id)
      if (document === undefined) return
      if (outcome.kind === 'gone') {
        if (this.#first(run, document)) this.queue.add(run, { skipped: 1 })
        Object.assign(document, { generation: 0, gone: true })
        if (batch.generation !== null) return
      }
      if (document.status === 'deleted') return
      bury(document, 'sweep')
      this.queue.add(run, { deleted: 1 })
      return
    }
    const { entry, fingerprint } = outcome
    const generation = batch.generation ?? row.generation
    const document: StoredDocument = row.documents.get(entry.id) ?? {
      entry,
      fingerprint,
      status: 'pending',
      generation,
      settled: false,
    }
    row.documents.set(entry.id, document)
    const first = this.#first(run, document)
    const { mode, origin, paths } = this.queue.running(run).params
    const named = origin !== 'source' && paths?.includes(entry.path)
    const asked = mode === 'full' || mode === 'incremental' || named
    // A person deleted it while it was read.
    if (document.status === 'deleted' && document.deletedBy === 'person' && !asked) {
      if (first) this.queue.add(run, { skipped: 1 })
      return
    }
    // An entry without an access list keeps the last one that is known.
    const stored = structuredClone(withAcl(entry, entry.acl ?? document.entry.acl))
    Object.assign(document, { entry: stored, fingerprint, generation, gone: false })
    if (outcome.kind !== 'metadata') delete document.error
    if (outcome.kind === 'indexed') {
      const { document: parsed, contentHash, bytes } = outcome
      Object.assign(document, { status: 'indexed', pipeline: batch.pipeline, document: parsed, contentHash })
      delete document.deletedBy
      if (first) this.queue.add(run, { collected: 1, parsed: 1, indexed: 1, bytes })
    } else if (outcome.kind === 'metadata') {
      if (first) this.queue.add(run, { indexed: 1 })
    } else {
      const { code, message, collected, bytes } = outcome
      const stage = outcome.kind === 'failed' ? outcome.stage : collected ? 'parse' : 'read'
      const pipeline = outcome.kind === 'failed' ? batch.pipeline : batch.skipPipeline
      Object.assign(document, { status: outcome.kind, pipeline, error: { stage, code, message } })
      // Old content stays searchable when a new version fails; what is skipped is no longer wanted.
      if (outcome.kind === 'skipped') delete document.document
      if (first) this.queue.add(run, { [outcome.kind]: 1, ...(collected ? { collected: 1, bytes } : {}) })
    }
  }

  /** Whether the job is done with the document for the first time; counts it as listed if no diff did. */
  #first(run: RunKey, document: StoredDocument): boolean {
    const mine = document.seenBy === run.jobId
    const first = !mine || !document.settled
    if (!mine) this.queue.add(run, { listed: 1 })
    Object.assign(document, { seenBy: run.jobId, settled: true })
    return first
  }

  async sweepPlan(run: RunKey, scope: SweepScope): Promise<{ readonly candidates: number; readonly total: number }> {
    const row = this.#owned(run)
    return { candidates: candidates(row, scope).length, total: live(row).length }
  }

  async sweep(run: RunKey, scope: SweepScope, limit: number): Promise<number> {
    const swept = candidates(this.#owned(run), scope).slice(0, limit)
    for (const document of swept) bury(document, 'sweep')
    this.queue.add(run, { deleted: swept.length })
    return swept.length
  }

  async countMissing(run: RunKey, paths: readonly string[]): Promise<number> {
    const row = this.#owned(run)
    const known = [...row.documents.values()].filter((one) => one.status !== 'deleted' || one.seenBy === run.jobId)
    const there = new Set(known.map((document) => document.entry.path))
    const missing = new Set(paths.filter((path) => !path.endsWith('/') && !there.has(path))).size
    const more = Math.max(0, missing - (row.missing.get(run.jobId) ?? 0))
    row.missing.set(run.jobId, missing)
    this.queue.add(run, { listed: more, skipped: more })
    return missing
  }

  async endListing(run: RunKey, end: Parameters<SyncStore['endListing']>[1]): Promise<void> {
    const row = this.#owned(run)
    delete row.listing
    // What an attempt that died had listed, and is gone since, is dealt with too.
    const open = [...row.documents.values()].filter(({ seenBy, settled }) => seenBy === run.jobId && !settled)
    for (const document of open) document.settled = true
    this.queue.add(run, { skipped: open.length })
    if (end.held) row.held = { jobId: run.jobId, generation: end.generation }
    else delete row.held
    if (!end.whole) return
    row.listedAt = this.#clock.now()
    if (end.cursor !== undefined) row.cursor = structuredClone(end.cursor)
  }

  async dropCursor(run: RunKey): Promise<void> {
    delete this.#owned(run).cursor
  }

  async heldGeneration(connectorId: string, jobId: string): Promise<number | undefined> {
    const held = this.#row(connectorId).held
    return held?.jobId === jobId ? held.generation : undefined
  }

  async stale(run: RunKey, page: Parameters<SyncStore['stale']>[1]): ReturnType<SyncStore['stale']> {
    const wanted = (document: StoredDocument) => isStale(document, page, run.jobId)
    const found = pageOf(this.#owned(run).documents.values(), page, wanted)
    return found.map(({ entry, fingerprint }) => structuredClone({ entry, fingerprint }))
  }

  async entries(run: RunKey, page: { readonly after?: string; readonly limit: number }): Promise<readonly Entry[]> {
    const found = pageOf(this.#owned(run).documents.values(), page, ({ status }) => status !== 'deleted')
    return found.map(({ entry }) => structuredClone(entry))
  }

  async setAcls(
    run: RunKey,
    acls: readonly { readonly id: string; readonly acl: Acl }[],
    position?: { readonly after: string; readonly entries: number },
  ): Promise<number> {
    const { documents } = this.#owned(run)
    let changed = 0
    for (const { id, acl } of acls) {
      const document = documents.get(id)
      if (!document || document.status === 'deleted' || JSON.stringify(document.entry.acl) === JSON.stringify(acl))
        continue
      document.entry = { ...document.entry, acl: structuredClone(acl) }
      changed += 1
    }
    if (position) {
      this.#aclPositions.set(run.jobId, position.after)
      const { entries } = position
      this.queue.add(run, { listed: entries, indexed: changed, unchanged: entries - changed })
    }
    return changed
  }

  async aclPosition(run: RunKey): Promise<string | undefined> {
    this.#owned(run)
    return this.#aclPositions.get(run.jobId)
  }

  async putGroups(run: RunKey, groups: Parameters<SyncStore['putGroups']>[1]): Promise<void> {
    const row = this.#owned(run)
    const attempt = `${run.jobId} ${run.attempt}`
    // What an attempt that died had put is not the whole list of this one.
    if (row.newGroups?.attempt !== attempt) row.newGroups = { attempt, members: new Map() }
    for (const { id, members } of groups) row.newGroups.members.set(id, structuredClone(members))
  }

  async finishGroups(run: RunKey, keepOthers = false): Promise<void> {
    const row = this.#owned(run)
    const put = row.newGroups?.attempt === `${run.jobId} ${run.attempt}` ? row.newGroups.members : []
    row.groups = new Map([...(keepOthers ? row.groups : []), ...put])
    row.newGroups = undefined
  }

  #row(connectorId: string): Row {
    const row = this.#connectors.get(connectorId)
    if (row === undefined) throw new Error(`The memory store has no connector ${connectorId}.`)
    return row
  }

  /** @throws FencedError when another attempt owns the job */
  #owned(run: RunKey): Row {
    this.queue.running(run)
    return this.#row(run.connectorId)
  }
}

export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  return new MemoryStore(options)
}
