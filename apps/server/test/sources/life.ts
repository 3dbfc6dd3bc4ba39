import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Running, start } from '../harness.ts'

type Values = Readonly<Record<string, unknown>>

/** A source that stands in for the real one: two documents, one with the word axolotl, the other with gecko. */
export interface Stand {
  readonly config: Values
  /** Of the right shape, but nothing is there. */
  readonly badConfig: Values
  readonly credentials: Values
  readonly badCredentials: Values
  /** What must never be shown of the credentials. */
  readonly secret: string
  /** Path of the document that stays, and changes. */
  readonly kept: string
  /** Path of the document that is deleted. */
  readonly dropped: string
  readonly browse: { readonly under?: string; readonly shows: string }
  /** Puts another word in place of the one in the document that stays. */
  write(word: string): unknown
  drop(): unknown
  /** How often contents have been read so far. */
  contentReads(): number | Promise<number>
  /** Its listings cannot do without the contents. */
  readonly listsContent?: boolean
  /** Contents that a check of the connection looks at; a refresh of permissions begins with one. */
  readonly checkReads?: number
  /** Lets this person in at the source, or out. */
  readonly reader: string
  admit(isIn: boolean): unknown
  /** As the source sends it after a change of the document that stays. */
  readonly hook?: {
    body(): string
    sign(body: string, secret: string): Readonly<Record<string, string>>
    /** What hands over the secret, where the source makes it; nothing proves it. */
    handshake?(secret: string): string
    /** What has been registered there, where a connector registers itself. */
    registered?(): readonly { readonly url: string | undefined; readonly secret: string | undefined }[]
  }
  close(): Promise<unknown>
}

/** One connector's whole life through HTTP; the tests build on each other, in order. */
export function life(type: string, open: () => Promise<Stand>): void {
  describe(type, () => {
    let cx: Running
    let stand: Stand
    let id: string
    const trial = (more: Values = {}): Values => ({
      type,
      config: stand.config,
      credentials: stand.credentials,
      ...more,
    })
    const search = async (query: string, principal?: string) => {
      const { data } = await cx.call('POST', '/search', { query, ...(principal !== undefined && { principal }) })
      return data.results.map(({ path }) => path)
    }
    const deliver = async (body: string, secret?: string) => {
      const headers = secret === undefined ? {} : stand.hook!.sign(body, secret)
      const response = await fetch(`${cx.url}/hooks/${id}`, { method: 'POST', headers, body })
      return { ...((await response.json()) as Answer), status: response.status }
    }
    const refresh = async () => {
      const before = await stand.contentReads()
      const { status, data } = await cx.call('POST', `/connectors/${id}/refresh-permissions`)
      expect(status).toBe(202)
      expect(await cx.wait(id, data.jobId)).toMatchObject({
        kind: 'permissions',
        status: 'completed',
        progress: { failed: 0, collected: 0, parsed: 0, bytes: 0 },
      })
      expect(await stand.contentReads()).toBe(before + (stand.checkReads ?? 0))
    }

    const secretPath = () => `/connectors/${id}/webhook-secret`
    const makeSecret = async () => {
      const { data } = await cx.call('POST', secretPath())
      expect(data).toMatchObject({ url: `/hooks/${id}`, webhookSecret: expect.any(String) })
      return String(data.webhookSecret)
    }
    /** The source hands it over once it is waited for, never again, and it can be seen once. */
    const handOver = async (handshake: (secret: string) => string) => {
      const secret = 'secret_life-verification-0d41'
      expect((await deliver(handshake('secret_too-early'))).status).toBe(401)
      expect(await cx.call('POST', secretPath(), { fromSource: true })).toMatchObject({
        status: 202,
        data: { url: `/hooks/${id}` },
      })
      expect((await cx.call('GET', secretPath())).status).toBe(404)
      expect((await deliver(handshake(secret))).status).toBe(200)
      expect((await deliver(handshake('secret_of-somebody-else'))).status).toBe(401)
      expect((await cx.call('GET', secretPath())).data).toMatchObject({ webhookSecret: secret })
      expect((await cx.call('GET', secretPath())).status).toBe(404)
      const told = await cx.call('GET', '/audit?limit=100')
      expect(told.data.map(({ action }) => action)).toContain('connector.webhook_secret_shown')
      expect(JSON.stringify([told, await cx.call('GET', `/connectors/${id}`)])).not.toContain(secret)
      return secret
    }

    beforeAll(async () => {
      stand = await open()
      cx = await start()
    })
    afterAll(async () => {
      await cx?.close()
      await stand?.close()
    })

    test('is among the connector types, with what a form needs', async () => {
      const { data } = await cx.call('GET', '/connector-types')
      const shown = data.find((one) => one.type === type)
      expect(shown).toMatchObject({ title: expect.any(String), config: { type: 'object' } })
      expect(shown).toMatchObject({
        auth: expect.arrayContaining([expect.objectContaining({ method: stand.credentials.method, kind: 'secret' })]),
        capabilities: { webhook: stand.hook !== undefined, permissions: true, browse: true },
      })
    })

    test('is tested: what is wrong is said, without the credentials', async () => {
      const good = await cx.call('POST', '/connectors/test', trial())
      expect(good).toMatchObject({ status: 200, data: { success: true, account: expect.any(String) } })
      const wrong = [{ credentials: stand.badCredentials }, { config: stand.badConfig }]
      for (const answer of await Promise.all(wrong.map((part) => cx.call('POST', '/connectors/test', trial(part))))) {
        expect(answer).toMatchObject({ status: 200, data: { success: false, message: expect.stringMatching(/\w{4}/) } })
        expect(JSON.stringify(answer)).not.toContain(stand.secret)
      }
      const odd = await cx.call('POST', '/connectors/test', trial({ config: { ...stand.config, unheardOf: 1 } }))
      expect(odd).toMatchObject({ status: 400, error: { details: [{ path: '/config/unheardOf' }] } })
    })

    test('is previewed: what a sync would take, without reading it', async () => {
      const { status, data } = await cx.call('POST', '/connectors/preview', trial())
      expect(status).toBe(200)
      const taken = data.entries.filter(({ take }) => take).map(({ path }) => path)
      expect(taken.sort()).toEqual([stand.kept, stand.dropped].sort())
      const refused = await cx.call('POST', '/connectors/preview', trial({ credentials: stand.badCredentials }))
      expect(refused.status).toBeGreaterThanOrEqual(400)
      expect(refused.status).toBeLessThan(500)
    })

    test('is created and browsed; its credentials are never shown', async () => {
      const made = await cx.call('POST', '/connectors', { name: type, collection: 'all', ...trial() })
      expect(made).toMatchObject({ status: 201, data: { type, status: 'active', hasCredentials: true } })
      id = made.data.id
      expect(JSON.stringify(await cx.call('GET', `/connectors/${id}`))).not.toContain(stand.secret)
      expect((await cx.call('POST', `/connectors/${id}/test`)).data).toMatchObject({ success: true })
      const { under = '', shows } = stand.browse
      const { data } = await cx.call('GET', `/connectors/${id}/browse?path=${encodeURIComponent(under)}`)
      expect(JSON.stringify(data)).toContain(JSON.stringify(shows))
    })

    test('is synced and searched; a second sync reads nothing', async () => {
      expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: 2, failed: 0 } })
      expect([await search('axolotl'), await search('gecko')]).toEqual([[stand.kept], [stand.dropped]])
      const before = await stand.contentReads()
      expect(before).toBeGreaterThan(0)
      expect(await cx.sync(id)).toMatchObject({
        status: 'completed',
        progress: { collected: 0, indexed: 0, deleted: 0, failed: 0 },
      })
      if (!stand.listsContent) expect(await stand.contentReads()).toBe(before)
    })

    test('changes and deletions at the source are noticed, and only these; a full sync agrees', async () => {
      await stand.write('newt')
      await stand.drop()
      expect(await cx.sync(id)).toMatchObject({
        status: 'completed',
        progress: { collected: 1, indexed: 1, deleted: 1, failed: 0 },
      })
      expect([await search('newt'), await search('axolotl'), await search('gecko')]).toEqual([[stand.kept], [], []])
      expect(await cx.sync(id, { sync_mode: 'full' })).toMatchObject({
        status: 'completed',
        progress: { listed: 1, indexed: 1, deleted: 0, failed: 0 },
      })
      expect(await search('newt')).toEqual([stand.kept])
    })

    test('a webhook brings what changed, once, and only when it is signed', async ({ skip }) => {
      skip(stand.hook === undefined)
      const secret = stand.hook!.handshake ? await handOver(stand.hook!.handshake) : await makeSecret()
      await stand.write('toad')
      const body = stand.hook!.body()
      expect((await deliver(body, 'another secret')).status).toBe(401)
      const taken = await deliver(body, secret)
      expect(taken).toMatchObject({ status: 202, data: { outcome: 'queued' } })
      expect(await cx.wait(id, taken.data.jobId)).toMatchObject({
        status: 'completed',
        progress: { indexed: 1, deleted: 0, failed: 0 },
      })
      expect([await search('toad'), await search('newt')]).toEqual([[stand.kept], []])
      expect((await deliver(body, secret)).data).toMatchObject({ outcome: 'duplicate', jobId: null })
    })

    test('a source that can be told is told where to send', async ({ skip }) => {
      skip(stand.hook?.registered === undefined)
      await cx.restart({ CX_PUBLIC_URL: 'https://cx.example.com' })
      const registered = stand.hook!.registered!
      const url = `https://cx.example.com/hooks/${id}`
      await expect.poll(registered).toEqual([{ url, secret: expect.stringMatching(/^\S{43}$/) }])
      await cx.restart()
      expect((await deliver(stand.hook!.body(), registered()[0]!.secret!)).status).toBe(202)
    })

    test('a refresh of permissions reads no content; a search sees what its person may read', async () => {
      const word = stand.hook ? 'toad' : 'newt'
      await stand.admit(true)
      await refresh()
      expect(await search(word, stand.reader)).toEqual([stand.kept])
      expect(await search(word, 'mallory@example.com')).toEqual([])
      await stand.admit(false)
      await refresh()
      expect(await search(word, stand.reader)).toEqual([])
      expect(await search(word)).toEqual([stand.kept])
    })

    test('refused credentials make it an error and delete nothing, until they are replaced', async () => {
      await cx.call('PUT', `/connectors/${id}`, { credentials: stand.badCredentials })
      const failed = await cx.sync(id)
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
      expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({ status: 'error' })
      expect(await search(stand.hook ? 'toad' : 'newt')).toEqual([stand.kept])
      await cx.call('PUT', `/connectors/${id}`, { credentials: stand.credentials })
      expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0 } })
      expect((await cx.call('GET', `/connectors/${id}`)).data).toMatchObject({ status: 'active', lastError: null })
    })

    test('is deleted with all it held', async () => {
      expect((await cx.call('DELETE', `/connectors/${id}`)).data).toEqual({ id, deleted: true })
      expect((await cx.call('GET', `/connectors/${id}`)).status).toBe(404)
      expect(await search(stand.hook ? 'toad' : 'newt')).toEqual([])
      if (stand.hook) expect((await deliver(stand.hook.body(), 'any')).status).toBe(404)
    })
  })
}
