import type { Entry, Json, Removed } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import { byId, mustBeSame } from '../driver/compare.ts'
import { refusalOf } from '../driver/refusal.ts'
import { withRandomScripts } from '../driver/script.ts'
import { type Collected, isRemoved, type Session } from '../driver/session.ts'
import { describeError, type Law, must, NotApplicable, needs, show } from '../law.ts'
import { abnormalCursors } from './resuming.ts'

export const changeLaws: readonly Law[] = [
  {
    id: 'changes.equals_full',
    group: 'changes',
    reason: 'After any edits, what the change feed made of the index is what a fresh full listing would give.',
    needs: '`changes`',
    async run(bench) {
      withFeed(bench)
      return withRandomScripts(bench, async (editor, script, did) => {
        const first = await bench.open()
        let cursor = await first.now()
        const state = byId((await first.list()).entries)
        for (const [index, edit] of script.entries()) {
          const done = await editor.apply(edit)
          if (done === undefined) continue
          did.push(done)
          // Some edits are seen one by one, others several at once.
          if (index % 3 === 1 && index < script.length - 1) continue
          const session = await bench.open()
          cursor = apply(state, await session.since(cursor), cursor)
          const full = byId((await session.list()).entries)
          mustBeSame(state, full, `the index after the change feed (after "${done}")`)
          await session.close()
        }
      })
    },
  },
  {
    id: 'changes.quiet',
    group: 'changes',
    reason: 'A feed without news yields nothing but its next cursor, which works again.',
    needs: '`changes`',
    async run(bench) {
      withFeed(bench)
      await bench.plant(3)
      const session = await bench.open()
      let cursor = await session.now()
      for (let round = 1; round <= 2; round++) {
        const seen = await session.since(cursor)
        must(seen.entries.length === 0, `nothing changed, and round ${round} yields ${show(seen.entries[0])}`)
        cursor = seen.checkpoints.at(-1)?.cursor ?? cursor
      }
      return undefined
    },
  },
  {
    id: 'changes.moves_on',
    group: 'changes',
    reason: 'A feed ends with the cursor behind what it yielded; otherwise the same changes come at every sync.',
    needs: '`changes`',
    async run(bench) {
      withFeed(bench)
      const planted = await bench.plant(3)
      const session = await bench.open()
      const cursor = await session.now()
      await bench.put(planted[0]!.key)
      await bench.remove(planted[1]!.key)
      const seen = await session.since(cursor)
      must(seen.entries.length > 0, 'a changed and a removed document are not in the feed')
      const last = seen.checkpoints.at(-1)
      must(
        last !== undefined && last.after === seen.entries.length,
        'the feed does not end with a checkpoint behind its last change',
      )
      const again = await session.since(last.cursor)
      must(
        again.entries.length === 0,
        () => `the cursor behind the last change yields it again: ${show(again.entries[0])}`,
      )
      return undefined
    },
  },
  {
    id: 'changes.kill_each_checkpoint',
    group: 'changes',
    reason: 'Killed at any checkpoint of the feed, the next run goes on from its cursor and arrives at the same index.',
    needs: '`changes`',
    async run(bench) {
      withFeed(bench)
      const planted = await bench.plant()
      const session = await bench.open()
      const cursor = await session.now()
      const before = (await session.list()).entries
      for (const document of planted) await bench.put(document.key)
      await bench.remove(planted[0]!.key)
      await bench.put('docs/new.md')
      const feed = await session.since(cursor)
      const full = byId((await session.list()).entries)
      for (const { cursor: stored, after } of feed.checkpoints) {
        const state = byId(before)
        apply(state, { ...feed, entries: feed.entries.slice(0, after), checkpoints: [] }, cursor)
        apply(state, await (await bench.open()).since(stored), stored)
        mustBeSame(state, full, `killed at the checkpoint after ${after} changes`)
      }
      return `${feed.checkpoints.length} checkpoints, ${feed.entries.length} changes`
    },
  },
  {
    id: 'changes.abnormal',
    group: 'changes',
    reason:
      'A cursor that the source does not know must end in `cursor_expired`: an empty feed would freeze the index for ever.',
    needs: '`changes`',
    async run(bench) {
      withFeed(bench)
      await bench.plant(3)
      const session = await bench.open()
      await session.list()
      for (const cursor of abnormalCursors) expired(await session.trySince(cursor), `cursor ${show(cursor, 40)}`)
      return `${abnormalCursors.length} cursors`
    },
  },
  {
    id: 'changes.expired',
    group: 'changes',
    reason: 'Sources forget old cursors; the engine lists again when it is told `cursor_expired`, and only then.',
    needs: '`changes`, `expireCursors`',
    async run(bench) {
      withFeed(bench)
      const world = await bench.world()
      needs(world.expireCursors, 'the fixture has no `expireCursors`')
      await bench.plant(3)
      const session = await bench.open()
      const cursor = await session.now()
      await world.expireCursors!()
      expired(await session.trySince(cursor), 'an expired cursor')
      const fresh = await (await bench.open()).now()
      await (await bench.open()).since(fresh)
      return undefined
    },
  },
  {
    id: 'changes.complete',
    group: 'changes',
    reason: 'A feed that fails at any call throws; a cursor moved past lost changes loses them for ever.',
    needs: '`changes`, `fetch` or `faults`',
    async run(bench) {
      withFeed(bench)
      const planted = await bench.plant()
      const session = await bench.open()
      const cursor = await session.now()
      const before = (await session.list()).entries
      for (const document of planted) await bench.put(document.key)
      await bench.remove(planted[1]!.key)
      const full = byId((await session.list()).entries)
      const faults = bench.faults()
      const kind = needs(
        (['drop', 'unavailable'] as const).find((one) => faults.supports.includes(one)),
        'the faults know neither drop nor unavailable',
      )
      const sofar = faults.calls().length
      await session.since(cursor)
      const calls = faults.calls().length - sofar
      if (calls === 0) throw new NotApplicable('the feed makes no call that the kit can see')
      for (let n = 1; n <= Math.min(calls, 12); n++) {
        faults.inject({ kind }, { from: n, to: n })
        const part = await session.trySince(cursor)
        faults.clear()
        const state = byId(before)
        // What the engine had committed when the feed failed is what stood before the last checkpoint.
        const kept =
          part.error === undefined ? part.entries : part.entries.slice(0, part.checkpoints.at(-1)?.after ?? 0)
        const next = apply(state, { ...part, entries: kept }, cursor)
        apply(state, await session.since(next), next)
        mustBeSame(
          state,
          full,
          `the feed met ${kind} at call ${n} (${part.error === undefined ? 'it ended as if whole' : 'it threw'}), went on, and the index`,
        )
      }
      return `${calls} calls`
    },
  },
]

function withFeed(bench: Bench): void {
  if (bench.connector.changes === undefined) throw new NotApplicable('the connector has no `changes`')
}

/** Changes the state as the engine does, and gives the next cursor. */
function apply(state: Map<string, Entry>, feed: Collected<Entry | Removed>, cursor: Json): Json {
  for (const change of feed.entries) {
    if (isRemoved(change)) state.delete(change.id)
    else state.set(change.id, change)
  }
  return feed.checkpoints.at(-1)?.cursor ?? cursor
}

function expired(feed: Awaited<ReturnType<Session['trySince']>>, where: string): void {
  must(feed.error !== undefined, `${where} was accepted: the feed ended as if there were no news`)
  const { code } = refusalOf(feed.error)
  must(
    code === 'cursor_expired',
    `${where} gave ${describeError(feed.error)}; expected a ConnectorError "cursor_expired"`,
  )
}
