import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newClub } from './club/state.ts'
import { type Running, start } from './harness.ts'

/** What somebody meets who knows the reference alone. */
describe('a stranger at the API', () => {
  let cx: Running
  let folder: string
  let job: string
  const headers = () => ({ Authorization: `Bearer ${cx.key}` })
  const person = (id: string) => ({ type: 'user', id, email: `${id}@example.com` }) as const

  beforeAll(async () => {
    newClub([
      { id: 'a', path: 'a.txt', text: 'The walrus of Ann.', acl: { allOf: [[person('ann')]] } },
      { id: 'b', path: 'b.txt', text: 'The walrus of Bob.', acl: { allOf: [[person('bob')]] } },
    ])
    const plugin = new URL('./club/plugin.ts', import.meta.url).href
    cx = await start({ CX_PLUGINS: `${plugin},@cx/plugin-filesystem,@cx/plugin-notion` })
    for (const name of ['a', 'b', 'c']) await cx.write(`${name}.txt`, `The ${name}.`)
    const made = await cx.call('POST', '/connectors', {
      name: 'files',
      type: 'filesystem',
      collection: 'zoo',
      config: { root: cx.folder },
    })
    folder = made.data.id
    job = (await cx.sync(folder)).jobId
  })
  afterAll(() => cx?.close())

  test('is told by the standard how to authenticate', async () => {
    const { status, headers } = await fetch(`${cx.url}/api/v1/connectors`)
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="cx"'])
  })

  test('who opens the address of the server in a browser can read how it is used', async () => {
    const response = await fetch(cx.url)
    expect([response.url, response.status, await response.text()]).toEqual([
      `${cx.url}/docs`,
      200,
      expect.stringContaining('<h1>cx API</h1>'),
    ])
  })

  test('is told to stop when nothing comes after the last event', async () => {
    const follow = async (last?: string) =>
      fetch(`${cx.url}/api/v1/connectors/${folder}/sync/${job}/events`, {
        headers: { ...headers(), ...(last !== undefined && { 'Last-Event-ID': last }) },
      })
    const ids = [...(await (await follow()).text()).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id!)
    const again = await follow(ids.at(-2))
    expect([again.status, (await again.text()).match(/^event: \w+$/gm)]).toEqual([200, ['event: end']])
    const over = await follow(ids.at(-1))
    expect([over.status, await over.text()]).toEqual([204, ''])
  })

  test('cannot take the cursor of one list to another', async () => {
    const { meta } = await cx.call('GET', `/connectors/${folder}/documents?limit=1`)
    const cursor = encodeURIComponent(String(meta.nextCursor))
    expect((await cx.call('GET', `/connectors/${folder}/documents?cursor=${cursor}`)).data).toHaveLength(2)
    for (const other of ['/connectors', `/connectors/${folder}/sync`, '/audit', `/connectors/${folder}/files`]) {
      const { status, error } = await cx.call('GET', `${other}?cursor=${cursor}`)
      expect([status, error.details], other).toMatchObject([400, [{ path: '/cursor' }]])
    }
  })

  test('names the folder of an upload before or after the files', async () => {
    const form = new FormData()
    form.append('files', new Blob(['late']), 'late.txt')
    form.append('path', 'inbox')
    const { status, data } = await cx.call('POST', `/connectors/${folder}/files/upload`, form)
    expect([status, data.uploaded]).toEqual([202, [{ path: 'inbox/late.txt', size: 4 }]])
    await cx.wait(folder, data.jobId)
    const again = await cx.call('DELETE', `/connectors/${folder}/files`, { paths: ['inbox/late.txt'] })
    await cx.wait(folder, again.data.jobId)
  })

  test('hears when the folder of a large upload comes too late', async () => {
    const form = new FormData()
    form.append('files', new Blob(['x'.repeat(2_000_000)]), 'late.txt')
    form.append('path', 'inbox')
    const { status, error } = await cx.call('POST', `/connectors/${folder}/files/upload`, form)
    expect([status, error.details]).toEqual([
      400,
      [{ path: '/path', message: 'must come before the files in a body of more than 1 MB' }],
    ])
    // It has arrived at the source or not, by whether all of it was sent before the mistake.
    const gone = await cx.call('DELETE', `/connectors/${folder}/files`, { paths: ['late.txt'] })
    if (gone.data.jobId !== null) await cx.wait(folder, gone.data.jobId)
  })

  test('hears of a wrong path to browse as of any wrong parameter', async () => {
    const { status, error } = await cx.call('GET', `/connectors/${folder}/browse?path=../etc`)
    expect([status, error.code, error.details]).toMatchObject([400, 'invalid_request', [{ path: '/path' }]])
  })

  test('gets no empty text for a document that was removed', async () => {
    const { data } = await cx.call('GET', `/connectors/${folder}/documents?path=b.txt`)
    const path = `/connectors/${folder}/documents/${data[0]!.id}`
    await cx.call('DELETE', path)
    expect((await cx.call('GET', path)).data.status).toBe('deleted')
    const { status, error } = await cx.call('GET', `${path}/content`)
    expect([status, error.message]).toEqual([404, 'Nothing of this document is indexed: it is deleted.'])
  })

  test('is not led astray by a slash at the end', async () => {
    const { status, error } = await cx.call('GET', '/connectors/')
    expect([status, error.message]).toEqual([404, expect.stringContaining('There is nothing at GET')])
    expect((await cx.call('DELETE', '/connectors')).error.message).toBe(
      'DELETE is not possible here, but GET and POST.',
    )
  })

  test('learns that credentials are missing, not that the source is down', async () => {
    const made = await cx.call('POST', '/connectors', { name: 'n', type: 'notion', collection: 'zoo', config: {} })
    const { data } = await cx.call('POST', `/connectors/${made.data.id}/test`)
    expect(data).toMatchObject({
      success: false,
      message: expect.stringMatching(/^This connector has no credentials\./),
    })
  })

  test('who holds the key of one person sees what that person may read, and no lists of what others may', async () => {
    const made = await cx.call('POST', '/connectors', { name: 'club', type: 'club', collection: 'club', config: {} })
    const club = made.data.id
    await cx.sync(club)
    const refreshed = await cx.call('POST', `/connectors/${club}/refresh-permissions`)
    const { jobId } = await cx.wait(club, refreshed.data.jobId)
    const { data: documents } = await cx.call('GET', `/connectors/${club}/documents`)
    const of = (path: string) => `/connectors/${club}/documents/${documents.find((one) => one.path === path)!.id}`
    const { data: made2 } = await cx.call('POST', '/api-keys', {
      name: 'ann',
      role: 'viewer',
      scopes: ['principal:ann@example.com'],
    })
    const status = async (path: string) => (await cx.call('GET', path, undefined, { key: made2.key })).status
    expect(await status(of('a.txt'))).toBe(200)
    expect(await status(`${of('a.txt')}/chunks`)).toBe(200)
    expect(await status(`${of('a.txt')}/access?principal=ann@example.com`)).toBe(200)
    for (const path of ['', '/chunks', '/content']) expect(await status(of('b.txt') + path), path).toBe(404)
    expect(await status(`${of('a.txt')}/access?principal=bob@example.com`)).toBe(403)
    for (const list of ['documents', 'files', 'browse', `sync/${jobId}/failures`, `sync/${jobId}/events`])
      expect(await status(`/connectors/${club}/${list}`), list).toBe(403)
    // What names no document stays open.
    for (const open of ['/connectors', '/collections', `/connectors/${club}`, '/connector-types'])
      expect(await status(open), open).toBe(200)
  })
})
