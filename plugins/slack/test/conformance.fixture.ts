import type { Fixture, SampleDelivery } from '@cx/testing'
import { writeExport } from './export-zip.ts'
import { allScopes, type FakeChannel, FakeSlack } from './fake-slack.ts'

const token = 'xoxb-conformance-7f3a9c51'
const secondsADay = 86_400

/** A workspace: a folder of the kit is a channel, a document a day of it with one message. */
export const fixture: Fixture = {
  name: 'Slack on loopback',
  // Pages hold 5 here; uncut, 999.
  budgets: {
    list: (entries) => 2 + 2 * Math.ceil(entries / 3),
    unchanged: 12,
    acls: () => 1,
    read: 1,
  },

  async start() {
    const slack = await new FakeSlack().start()
    slack.pageCap = 5
    slack.tokens.set(token, { scopes: allScopes })
    slack.user('U0ANN00001', 'ann')
    slack.user('U0BOB00001', 'bob')
    const today = Math.floor(Date.now() / 1000 / secondsADay) * secondsADay
    const where = new Map<string, { channel: FakeChannel; ts: string }>()
    const channels = new Map(['root', 'docs', 'docs-deep', 'notes'].map((name) => [name, slack.channel(name)]))
    const timeOf = new Map<string, string>()

    const put = async (key: string, content: string) => {
      const known = where.get(key)
      if (known) return slack.edit(known.channel, known.ts, content)
      // A document that comes back is on its old day.
      const ts = timeOf.get(key) ?? `${today - timeOf.size * secondsADay}.000100`
      timeOf.set(key, ts)
      const place = { channel: channels.get(key.split('/').slice(0, -1).join('-') || 'root')!, ts }
      where.set(key, place)
      slack.post(place.channel, ts, content)
    }
    const config = { apiUrl: slack.url, channels: [...channels.keys()], lookbackDays: 60 }
    const exportPath = await writeExport([], [])
    return {
      config,
      alternatives: [
        { ...config, channels: [], dateRange: { from: '90d' }, includeFiles: true, includeBots: false },
        {
          ...config,
          includePrivate: false,
          includeArchived: false,
          autoJoin: true,
          dateRange: { from: '2020-01-01', to: '2099-12-31' },
        },
        { ...config, exportPath },
      ],
      badConfig: { ...config, channels: ['nowhere'] },
      credentials: { method: 'token', token },
      badCredentials: { method: 'token', token: 'xoxb-conformance-revoked' },
      oddNames: [],
      put,
      remove: async (key) => {
        const { channel, ts } = where.get(key)!
        channel.messages.delete(ts)
        where.delete(key)
      },
      pathOf: (key) => {
        const place = where.get(key)
        if (!place) return `gone/${key}`
        const day = new Date(Number(place.ts.split('.')[0]) * 1000).toISOString().slice(0, 10)
        return `${place.channel.name}/${day.replaceAll('-', '/')}.md`
      },
      deny: async (key) => void where.get(key)!.channel.members.delete(slack.botId),
      truncate: async () => {
        for (const channel of slack.channels.values()) channel.hiddenBefore = '9999999999.000000'
      },
      setAcl: async (key) => {
        const { channel } = where.get(key)!
        channel.isPrivate = true
        return [{ type: 'group', id: `slack:${channel.id}` }]
      },
      big: {
        entries: async (count) => {
          slack.pageCap = 1000
          const channel = channels.get('docs')!
          for (let index = 0; index < count; index++)
            slack.post(channel, `${today - index * secondsADay}.000100`, `message ${index}`)
        },
      },
      webhook: {
        secret: 'signing-secret-8f21c0',
        deliveries: [
          delivery(
            { type: 'url_verification', challenge: 'c-3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P' },
            'handshake',
          ),
          event({ type: 'message', channel: 'C0999999', ts: '1772323200.000100', text: 'hello' }, 'resync'),
          event({ type: 'channel_rename', channel: { id: 'C0999999', name: 'new' } }, 'resync'),
          event({ type: 'reaction_added' }, 'ignored'),
        ],
      },
      close: () => slack.stop(),
    }
  },
}

function event(inner: object, expect: SampleDelivery['expect']): SampleDelivery {
  return delivery({ type: 'event_callback', team_id: 'T0ACME0001', event_id: 'Ev08MFMKH6', event: inner }, expect)
}

function delivery(payload: object, expect: SampleDelivery['expect']): SampleDelivery {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload), expect }
}
