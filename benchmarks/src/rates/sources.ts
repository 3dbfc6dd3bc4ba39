import type { Json } from '@cx/core'
import type { Fixture, World } from '@cx/testing'
import { fixture as confluence } from '../../../plugins/confluence/test/conformance.fixture.ts'
import { FakeGitHub } from '../../../plugins/github/test/fake/server.ts'
import { fixtures as drive } from '../../../plugins/google-drive/test/conformance.fixture.ts'
import { fixture as notion } from '../../../plugins/notion/test/conformance.fixture.ts'
import { FakeSalesforce } from '../../../plugins/salesforce/test/fake/server.ts'
import { allScopes, FakeSlack } from '../../../plugins/slack/test/fake-slack.ts'
import type { rules } from './rules.ts'

/** A stand-in with enough in it to keep its connector at the limit for a while. */
export interface Source {
  readonly plugin: string
  readonly config: Readonly<Record<string, Json>>
  readonly credentials: Readonly<Record<string, Json>> & { readonly method: string }
  stop(): Promise<unknown>
}

async function slack(threads: number): Promise<Source> {
  const fake = await new FakeSlack().start()
  fake.tokens.set('xoxb-bench', { scopes: allScopes })
  const channel = fake.channel('general')
  const today = Math.floor(Date.now() / 1_000)
  for (let i = 0; i < threads; i++) {
    const ts = `${today - 100 * i}.000100`
    fake.post(channel, ts, `question ${i}`)
    fake.reply(channel, ts, `${today - 100 * i + 50}.000100`, 'answer')
  }
  const credentials = { method: 'token', token: 'xoxb-bench' }
  return { plugin: 'slack', config: { apiUrl: fake.url, channels: ['general'] }, credentials, stop: () => fake.stop() }
}

async function github(files: number): Promise<Source> {
  const hub = await new FakeGitHub().start()
  const repo = hub.repo(hub.account('acme'), 'docs')
  hub.tokens.set('ghp_bench', 'acme')
  // One call a file is what reaches the limit.
  hub.archives = false
  hub.graphql = false
  hub.limit = { limit: 1_000_000, remaining: 1_000_000, reset: 0 }
  repo.commit(Object.fromEntries(Array.from({ length: files }, (_, i) => [`f${i}.txt`, `file ${i}`])))
  const credentials = { method: 'token', token: 'ghp_bench' }
  const config = { repos: ['acme/docs'], apiUrl: hub.url }
  return { plugin: 'github', config, credentials, stop: () => hub.stop() }
}

async function salesforce(files: number): Promise<Source> {
  const fake = await new FakeSalesforce().start()
  fake.tokens.add('bench')
  fake.limit = 100
  fake.used = 0
  for (let i = 0; i < files; i++) fake.org.addFile(`f${i}.txt`, new TextEncoder().encode(`file ${i}`))
  fake.org.tick()
  const credentials = { method: 'oauth', accessToken: 'bench', extra: { instance_url: fake.url } }
  const config = { objects: [], includeFiles: true, instanceUrl: fake.url, aclMode: 'connection' }
  return { plugin: 'salesforce', config, credentials, stop: () => fake.stop() }
}

/** From the stand-in that the kit uses. */
async function world(
  plugin: string,
  fixture: Fixture,
  documents: number,
  more: Source['config'] = {},
): Promise<Source> {
  const made: World = await fixture.start()
  await made.big?.entries?.(documents)
  await made.settle?.()
  const credentials = made.credentials as Source['credentials']
  const config = { ...(made.config as Source['config']), ...more }
  return { plugin, config, credentials, stop: () => made.close() }
}

const perMinute = 325_000
export const sourcesOf: Readonly<Record<keyof typeof rules, () => Promise<Source>>> = {
  'Slack, by the clock': () => slack(260),
  'Slack, steadily': () => slack(260),
  'Slack, apps sold outside the Marketplace': () => slack(20),
  'Notion, steadily': () => world('notion', notion, 900),
  'Notion, by the minute': () => world('notion', notion, 900),
  'Confluence, OAuth': () => world('confluence', confluence, 6_000),
  GitHub: () => github(1_600),
  // Its own pace keeps real time.
  'Google Drive': () => world('google-drive', drive[0]!, 6_000, { quotaUnitsPerMinute: perMinute * 10 }),
  'Salesforce, 20 % left to others': () => salesforce(300),
}
