import type { Json } from '@cx/core'
import { type OpenConnector, openConnector } from '@cx/testing'
import { onTestFinished } from 'vitest'
import confluence from '../src/index.ts'
import { FakeConfluence } from './fake/server.ts'

export const token = 'ATATT-test-77c1'
export const basic = `Basic ${Buffer.from(`ada@example.com:${token}`).toString('base64')}`

/** A Confluence of its own for one test, with our account and one space that a group may view. */
export async function fakeSite(flavour: 'cloud' | 'data_center' = 'cloud'): Promise<FakeConfluence> {
  const fake = await new FakeConfluence(flavour).start()
  onTestFinished(() => fake.stop())
  fake.grants.set(basic, { user: 'u-ada' })
  fake.grants.set(`Bearer ${token}`, { user: 'u-ada' })
  fake.model.user('u-ada', 'Ada Lovelace', 'ada@example.com')
  fake.model.user('u-bob', 'Bob', 'bob@example.com')
  fake.model.user('u-cy', 'Cy')
  fake.model.group(flavour === 'cloud' ? 'g-staff' : 'staff', 'staff', ['u-ada', 'u-bob'])
  fake.model.space('ENG', { permissions: [reads('group', flavour === 'cloud' ? 'g-staff' : 'staff')] })
  return fake
}

export function reads(type: string, id: string) {
  return { principal: { type, id }, operation: { key: 'read', targetType: 'space' } }
}

export interface DriveOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  readonly fetch?: typeof globalThis.fetch
}

interface Site extends OpenConnector {
  /** For each time credentials were asked for, whether the last ones had been refused. */
  readonly asked: readonly boolean[]
  textAt(path: string): Promise<string>
  since(cursor: Json): Promise<Awaited<ReturnType<OpenConnector['since']>> & { readonly paths: string[] }>
}

/** One session of the connector with the fake. */
export async function drive(fake: FakeConfluence, { config, credentials, fetch }: DriveOptions = {}): Promise<Site> {
  const asked: boolean[] = []
  const usual = fake.cloud ? { method: 'api_token', email: 'ada@example.com', token } : { method: 'pat', token }
  const opened = await openConnector(confluence, {
    config: { instanceUrl: fake.instanceUrl, spaceKeys: ['ENG'], ...config },
    credentials: (options) => {
      asked.push(options?.refused === true)
      return credentials ?? usual
    },
    ...(fetch && { fetch }),
  })
  const textAt: Site['textAt'] = async (path) =>
    opened.text((await opened.list()).find((entry) => entry.path === path)!)
  const { since: told } = opened
  const since: Site['since'] = async (cursor) => {
    const news = await told(cursor)
    return { ...news, paths: news.upserts.map(({ path }) => path).sort() }
  }
  return Object.assign(opened, { asked, textAt, since })
}
