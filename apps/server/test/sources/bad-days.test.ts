import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Row, type Running, start } from '../harness.ts'
import { confluenceScene } from './bad-days/confluence.ts'
import { driveScene } from './bad-days/google-drive.ts'
import { notionScene } from './bad-days/notion.ts'
import { salesforceScene } from './bad-days/salesforce.ts'
import { days, type Scene } from './bad-days/scene.ts'
import { slackScene } from './bad-days/slack.ts'

const scenes = [
  ['confluence', confluenceScene],
  ['google_drive', driveScene],
  ['notion', notionScene],
  ['salesforce', salesforceScene],
  ['slack', slackScene],
] as const

let cx: Running
beforeAll(async () => {
  cx = await start()
})
afterAll(() => cx?.close())

// The sources beside each other, the days of each one after the other: most of the time is waiting.
describe.concurrent.each(scenes)('bad days of %s', (type, open) => {
  let scene: Scene
  let id: string
  let alive: number

  const documents = async () =>
    (await cx.call('GET', `/connectors/${id}/documents?status=indexed&limit=1`)).meta.total as number
  const finds = async (query: string) =>
    (await cx.call('POST', '/search', { query, filters: { connectors: [id] } })).data.results.length
  /** Everything that a job tells people. */
  const wordsOf = async (job: Row) => {
    const { data } = await cx.call('GET', `/connectors/${id}/sync/${job.jobId}/failures`)
    const { error, unreadable = [] } = job as unknown as { error?: Row; unreadable?: readonly Row[] }
    return [error, ...unreadable, ...data].map((one) => one?.message ?? '').join('\n')
  }

  beforeAll(async () => {
    scene = await open()
    const { config, credentials } = scene
    const made = await cx.call('POST', '/connectors', { name: type, type, collection: 'all', config, credentials })
    id = made.data.id
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: scene.count, failed: 0 } })
    alive = scene.count
  })
  afterAll(() => scene?.close())

  test.each(days)('%s', { concurrent: false, timeout: 60_000 }, async (day) => {
    const { begin, ends, code, says, gone = 0, finds: word } = scene.days[day]
    const end = begin()
    try {
      const job = await cx.sync(
        id,
        day === 'an error 500 on a late page' ? { file_filter: [scene.subtree] } : undefined,
      )
      const words = await wordsOf(job)
      expect(job).toMatchObject({ status: ends, ...(code !== undefined && { error: { code } }) })
      if (says) expect(words).toMatch(says)
      alive -= gone
      expect(await documents()).toBe(alive)
      const { status, lastError } = (await cx.call('GET', `/connectors/${id}`)).data
      expect([status, lastError === null]).toEqual(ends === 'failed' ? ['error', false] : ['active', true])
    } finally {
      await end()
    }
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0, failed: 0 } })
    expect(await documents()).toBe(alive)
    expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({ status: 'active', lastError: null })
    expect(await finds('axolotl')).toBe(1)
    if (word !== undefined) expect(await finds(word)).toBe(1)
  })
})
