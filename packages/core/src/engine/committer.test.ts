import { expect, it } from 'vitest'
import { Committer } from './committer.ts'
import type { CommitBatch, Outcome, SyncStore } from './ports.ts'

const key = { jobId: 'job', connectorId: 'conn', attempt: 1 }

/** Takes each batch on when it is told to. */
function open() {
  const batches: CommitBatch[] = []
  const waiting: (() => void)[] = []
  const commit: SyncStore['commit'] = (_run, batch) => {
    batches.push(batch)
    return new Promise((resolve) => waiting.push(resolve))
  }
  const errors: unknown[] = []
  const committer = new Committer({
    store: { commit } as SyncStore,
    key,
    pipeline: 'p',
    skipPipeline: 'p',
    onError: (error) => errors.push(error),
    onRefused: (error) => errors.push(error),
  })
  const drain = async () => {
    let drained = false
    const done = committer.drain().then(() => (drained = true))
    while (!drained) {
      waiting.shift()?.()
      await new Promise(setImmediate)
    }
    await done
    expect(errors).toEqual([])
  }
  return { committer, batches, drain }
}

function removed(id: number): Outcome {
  return { kind: 'removed', id: `${id}` }
}

it('writes a backlog in batches, each checkpoint with or after the last outcome before it', async () => {
  const { committer, batches, drain } = open()
  const hands: ((outcome: Outcome) => void)[] = []
  for (let i = 0; i < 3_000; i++) {
    hands.push(committer.take())
    if (i % 400 === 399) committer.checkpoint('resume', i)
  }
  // Another order than they were taken on in.
  for (let i = 0; i < 3_000; i++) hands[(i * 1_001) % 3_000]!(removed((i * 1_001) % 3_000))
  await drain()
  const written = new Set<number>()
  const checkpoints: number[] = []
  for (const { outcomes, checkpoint } of batches) {
    expect(outcomes.length).toBeLessThanOrEqual(500)
    for (const outcome of outcomes) written.add(Number((outcome as { id: string }).id))
    if (checkpoint === undefined) continue
    const covered = Number(checkpoint.value)
    for (let i = 0; i <= covered; i++) expect(written.has(i)).toBe(true)
    checkpoints.push(covered)
  }
  expect(written.size).toBe(3_000)
  expect(checkpoints).toEqual([...checkpoints].sort((a, b) => a - b))
  expect(checkpoints.at(-1)).toBe(2_799)
})

it('lets no more in while much waits, and in again when it is written', async () => {
  const { committer, batches, drain } = open()
  for (let i = 0; i < 2_600; i++) committer.take()(removed(i))
  let entered = false
  const room = committer.room().then(() => (entered = true))
  await new Promise(setImmediate)
  expect(entered).toBe(false)
  await drain()
  await room
  expect(batches.flatMap(({ outcomes }) => outcomes)).toHaveLength(2_600)
})

it('loses one document and nothing else where the store refuses it', async () => {
  const written: Outcome[] = []
  const kept: unknown[] = []
  const refused: string[] = []
  const errors: unknown[] = []
  const commit: SyncStore['commit'] = async (_run, { outcomes, checkpoint }) => {
    const isBad = outcomes.some((outcome) => outcome.kind === 'indexed' && outcome.entry.id === 'bad')
    if (isBad) throw Object.assign(new Error('no such thing'), { code: 'refused' })
    written.push(...outcomes)
    if (checkpoint) kept.push(checkpoint.value)
  }
  const committer = new Committer({
    store: { commit } as SyncStore,
    key,
    pipeline: 'p',
    skipPipeline: 'p',
    onError: (error) => errors.push(error),
    onRefused: (_, { id }) => refused.push(id),
  })
  for (const id of ['a', 'bad', 'b'])
    committer.take()({
      kind: 'indexed',
      entry: { id, path: id, version: '1' },
      fingerprint: 1,
      bytes: 1,
      contentHash: '',
      document: { mimeType: 'text/plain', chunks: [] },
    })
  committer.checkpoint('resume', 'end')
  await committer.drain()
  expect(written).toMatchObject([
    { kind: 'indexed', entry: { id: 'a' } },
    { kind: 'failed', entry: { id: 'bad' }, stage: 'index', code: 'internal_error' },
    { kind: 'indexed', entry: { id: 'b' } },
  ])
  expect([kept, refused, errors]).toEqual([['end'], ['bad'], []])
})

it('ends the run where the store fails, or refuses even to say so', async () => {
  for (const code of ['closed', 'refused']) {
    const errors: unknown[] = []
    const error = Object.assign(new Error('no'), { code })
    const committer = new Committer({
      store: { commit: () => Promise.reject(error) } as unknown as SyncStore,
      key,
      pipeline: 'p',
      skipPipeline: 'p',
      onError: (reason) => errors.push(reason),
      onRefused: () => errors.push('refused'),
    })
    committer.take()({ kind: 'metadata', entry: { id: 'a', path: 'a', version: '1' }, fingerprint: 1 })
    await committer.drain()
    expect(errors).toEqual([error])
  }
})
