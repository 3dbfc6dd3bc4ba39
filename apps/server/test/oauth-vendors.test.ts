import { join } from 'node:path'
import type { OAuth2, SourceConnector } from '@cx/core'
import confluence from '@cx/plugin-confluence'
import github from '@cx/plugin-github'
import drive from '@cx/plugin-google-drive'
import notion from '@cx/plugin-notion'
import salesforce from '@cx/plugin-salesforce'
import slack from '@cx/plugin-slack'
import { type CredentialVault, createVault, openKeyring, openSqliteStore, type Store } from '@cx/store'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'
import { ask, client, type Front, startFront } from './oauth/front.ts'
import { type Member, memberships } from './oauth/members.ts'
import { browse, type OpenId, startOpenId } from './oauth/open-id.ts'
import { withheld } from './oauth/vendors.ts'

const plugins: readonly SourceConnector[] = [confluence, drive, github, notion, salesforce, slack]

describe.each(memberships)('$vendor.type by its own declaration', ({ vendor, ends, isOneTenant = false, open }) => {
  const { type } = vendor
  const { auth } = plugins.find(({ name }) => name === type)!
  const declared = auth[vendor.method] as OAuth2
  // A source that is public in part can do without.
  const before = Object.values(auth).some(({ kind }) => kind === 'none') ? 'active' : 'inactive'
  const usesOwnHost = declared.ownHost !== undefined
  let member: Member
  let openId: OpenId
  let front: Front
  let cx: Running
  let store: Store
  let vault: CredentialVault
  let id: string
  /** The vendor's addresses, here. */
  const at = (address: string) => front.url + new URL(address).pathname

  beforeAll(async () => {
    member = await open()
    openId = await startOpenId({ accessTokenSeconds: 3600, pkce: vendor.pkce, rotates: vendor.rotates })
    front = await startFront(vendor, declared, openId)
    front.otherwise = member.api
    front.onGrant = ({ accessToken, asked }) => member.accept(accessToken, (asked.get('scope') ?? '').split(/[ ,]/))
    front.accepts = (token) => member.known.has(member.key(token))
    const setting = `CX_OAUTH_${type.toUpperCase()}`
    cx = await start({
      CX_PLUGINS: `@cx/plugin-${type.replace('_', '-')}`,
      [`${setting}_CLIENT_ID`]: client.id,
      [`${setting}_CLIENT_SECRET`]: client.secret,
      ...(!usesOwnHost && {
        [`${setting}_AUTHORIZATION_URL`]: at(declared.authorizationUrl),
        [`${setting}_TOKEN_URL`]: at(declared.tokenUrl),
        ...(declared.revocationUrl !== undefined && { [`${setting}_REVOCATION_URL`]: at(declared.revocationUrl) }),
      }),
    })
    openId.register([`${cx.url}/api/v1/oauth/callback/${type}`])
    await cx.host.ready
    store = await openSqliteStore({ file: join(cx.folder, '../data/cx.sqlite') })
    vault = createVault({ store, keys: await openKeyring({ file: join(cx.folder, '../data/encryption-keys.json') }) })
  })
  afterAll(async () => {
    await store?.close()
    await cx?.close()
    await front?.close()
    await openId?.close()
    await member?.stand.close()
  })

  const create = async (secret: string = client.secret) => {
    // Both ways in which other addresses are told: with a client of the connector's own, and by the operator's settings.
    const config = usesOwnHost ? { ...member.config, loginUrl: front.url } : member.config
    const own = (usesOwnHost || secret !== client.secret) && {
      oauthClient: {
        clientId: client.id,
        clientSecret: secret,
        ...(usesOwnHost && {
          authorizationUrl: at(declared.authorizationUrl),
          tokenUrl: at(declared.tokenUrl),
          revocationUrl: at(declared.revocationUrl!),
        }),
      },
    }
    const made = await cx.call('POST', '/connectors', { name: type, type, collection: 'all', config, ...own })
    expect(made).toMatchObject({ status: 201, data: { status: before, hasCredentials: false } })
    return made.data.id
  }
  /** A person agrees in a browser, and comes back. */
  const agree = async (connectorId: string) => {
    const { data } = await cx.call('POST', '/oauth/init', { connectorId, method: vendor.method })
    const back = await fetch(await browse(String(data.authUrl), cx.url))
    return { status: back.status, page: await back.text() }
  }
  const show = async () => (await cx.call('GET', `/connectors/${id}`)).data
  const found = async (query: string) =>
    (await cx.call('POST', '/search', { query })).data.results.map(({ path }) => path)
  /** The access token ends at the source, long after it was given. */
  const expire = async () => {
    const credentials = (await vault.get(id, 'credentials')) as { readonly oauth: { readonly accessToken: string } }
    member.known.delete(member.key(credentials.oauth.accessToken))
    await vault.save(id, { ...credentials, oauth: { ...credentials.oauth, obtainedAt: Date.now() - 60_000 } })
    return credentials.oauth
  }
  const stored = () => {
    const db = new Database(join(cx.folder, '../data/cx.sqlite'), { readonly: true })
    try {
      const sql = `SELECT s.ciphertext FROM secrets s JOIN connectors c ON c.no = s.connector_no WHERE c.id = ? AND s.name = 'credentials'`
      const row = db.prepare(sql).get(id)
      return (row as { readonly ciphertext: Buffer }).ciphertext.toString('hex')
    } finally {
      db.close()
    }
  }

  test('from a connector without credentials to documents', async () => {
    id = await create()
    expect(await agree(id)).toMatchObject({ status: 200, page: expect.stringContaining('may read from') })
    expect(await show()).toMatchObject({ status: 'active', credentials: { method: vendor.method } })
    expect((await cx.call('POST', `/connectors/${id}/test`)).data).toMatchObject({ success: true })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: 2, failed: 0 } })
    expect(await found('axolotl')).toEqual([member.stand.kept])
    // What is a token in the answer, and not ours, is not kept.
    expect(JSON.stringify(await vault.get(id, 'credentials'))).not.toContain('persons-own')
  })

  test('a token that ended is renewed; the new ones are stored before they are used', async () => {
    const old = await expire()
    const held = stored()
    const seen = new Map<string, string>()
    const watched = member.known as { has: (key: string) => boolean; get?: (key: string) => unknown }
    const { has, get } = watched
    const look = (key: string) => {
      if (!seen.has(key)) seen.set(key, stored())
    }
    watched.has = (key) => {
      look(key)
      return has.call(watched, key)
    }
    if (get)
      watched.get = (key) => {
        look(key)
        return get.call(watched, key)
      }
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0, failed: 0 } })
    for (const name of ['has', 'get']) Reflect.deleteProperty(watched, name)
    const fresh = front.granted.at(-1)!
    expect(fresh.isRefresh).toBe(true)
    expect(seen.get(member.key(old.accessToken))).toBe(held)
    expect(seen.get(member.key(fresh.accessToken))).toBe(stored())
    expect(stored()).not.toBe(held)
    const { oauth } = (await vault.get(id, 'credentials')) as { readonly oauth: object }
    expect(oauth).toMatchObject({ accessToken: fresh.accessToken, refreshToken: fresh.refreshToken })
    // The old one, used again, would end the family.
    expect(fresh.refreshToken === front.granted[0]?.refreshToken).toBe(!vendor.rotates)
  })

  test('a wrong client secret is told as one, and changes nothing', async () => {
    const wrong = await create('not the secret')
    expect(await agree(wrong)).toMatchObject({ status: 400, page: expect.stringContaining('check its id and secret') })
    expect((await cx.call('GET', `/connectors/${wrong}`)).data).toMatchObject({ status: before })
    await cx.call('DELETE', `/connectors/${wrong}`)
  })

  test('an authorization that was withdrawn asks for a person, and no document goes', async () => {
    await expire()
    await ask(openId, '/token/revocation', { token: front.granted.at(-1)!.refreshToken })
    expect(await cx.sync(id)).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    expect(await show()).toMatchObject({
      status: 'error',
      lastError: { code: 'reauthorization_required', message: expect.stringContaining('POST /oauth/init') },
    })
    expect(await cx.call('POST', `/connectors/${id}/sync`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'reauthorization_required' } },
    })
    expect([await found('axolotl'), await found('gecko')]).toEqual([[member.stand.kept], [member.stand.dropped]])
    expect(await agree(id)).toMatchObject({ status: 200 })
    expect(await show()).toMatchObject({ status: 'active', lastError: null })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0, failed: 0 } })
  })

  test.skipIf(isOneTenant)('an account of another tenant is refused, and what was there stays', async () => {
    const held = stored()
    const count = front.revoked.length
    member.setOther(true)
    expect(await agree(id)).toMatchObject({
      status: 400,
      page: expect.stringMatching(/This account leads to \S+, but .+ holds documents of \S+\. Nothing has changed/),
    })
    expect(stored()).toBe(held)
    expect(await show()).toMatchObject({ status: 'active' })
    // What is not kept is given back.
    const { accessToken, refreshToken } = front.granted.at(-1)!
    expect(front.revoked.slice(count)).toEqual({ access: [accessToken], refresh: [refreshToken], none: [] }[ends])
    member.setOther(false)
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { deleted: 0, failed: 0 } })
  })

  test('with the connector its authorization ends at the vendor', async () => {
    const count = front.revoked.length
    const { oauth } = (await vault.get(id, 'credentials')) as {
      readonly oauth: { readonly accessToken: string; readonly refreshToken: string }
    }
    expect((await cx.call('DELETE', `/connectors/${id}`)).data).toMatchObject({ deleted: true })
    expect(front.revoked.slice(count)).toEqual(
      { access: [oauth.accessToken], refresh: [oauth.refreshToken], none: [] }[ends],
    )
    expect(await found('axolotl')).toEqual([])
  })

  test.runIf(type === 'google_drive')('what a person unticks is told, at once and by each test', async () => {
    withheld.add('https://www.googleapis.com/auth/drive.readonly')
    try {
      const connectorId = await create()
      const page = expect.stringMatching(/may read from .+ Not granted: \S+drive\.readonly\./)
      expect(await agree(connectorId)).toMatchObject({ status: 200, page })
      const { data } = await cx.call('POST', `/connectors/${connectorId}/test`)
      expect(data).toMatchObject({ success: false, message: expect.stringContaining('did not grant a scope') })
      expect(await cx.sync(connectorId)).toMatchObject({ status: 'failed', error: { code: 'forbidden' } })
    } finally {
      withheld.clear()
    }
  })

  test.runIf(usesOwnHost)('people sign in where the configuration says, if that is a host of the vendor', async () => {
    const config = { ...member.config, loginUrl: front.url }
    const { data } = await cx.call('POST', '/connectors', { name: 'x', type, collection: 'all', config })
    expect(await cx.call('POST', '/oauth/init', { connectorId: data.id })).toMatchObject({
      status: 409,
      error: {
        message: expect.stringContaining('`loginUrl` is no https address of *.salesforce.com'),
        details: { reason: 'foreign_host' },
      },
    })
    await cx.call('PUT', `/connectors/${data.id}`, { config: { loginUrl: 'https://acme.my.salesforce.com' } })
    const begun = await cx.call('POST', '/oauth/init', { connectorId: data.id })
    expect(String(begun.data.authUrl)).toMatch(/^https:\/\/acme\.my\.salesforce\.com\/services\/oauth2\/authorize\?/)
  })
})
