import { createHmac } from 'node:crypto'
import { daysAgo } from '../../../../../plugins/slack/test/drive.ts'
import { allScopes, type FakeChannel, FakeSlack } from '../../../../../plugins/slack/test/fake-slack.ts'
import type { Stand } from '../life.ts'

const token = 'xoxb-life-2a90'
const dayOf = (ts: string) => new Date(Number(ts) * 1000).toISOString().slice(0, 10).replaceAll('-', '/')

/** A private channel with two messages. */
export async function slackStand(): Promise<Stand & { readonly slack: FakeSlack; readonly channel: FakeChannel }> {
  const slack = await new FakeSlack().start()
  slack.tokens.set(token, { scopes: allScopes })
  slack.user('U0ANN00001', 'ann')
  slack.user('U0BOB00001', 'bob')
  const channel = slack.channel('pets', { isPrivate: true })
  channel.members.add('U0ANN00001')
  const [kept, dropped] = [daysAgo(2), daysAgo(3)]
  slack.post(channel, kept, 'Feed the axolotl.')
  slack.post(channel, dropped, 'The gecko climbs.')
  const config = { apiUrl: slack.url, channels: ['pets'] }
  return {
    slack,
    channel,
    config,
    badConfig: { ...config, channels: ['nowhere'] },
    credentials: { method: 'token', token },
    badCredentials: { method: 'token', token: 'xoxb-life-revoked' },
    secret: token,
    kept: `pets/${dayOf(kept)}.md`,
    dropped: `pets/${dayOf(dropped)}.md`,
    browse: { shows: channel.id },
    write: (word) => slack.edit(channel, kept, `Feed the ${word}.`),
    drop: () => channel.messages.delete(dropped),
    contentReads: () => slack.count('conversations.history') + slack.count('conversations.replies'),
    // Slack tells edits by the messages themselves alone.
    listsContent: true,
    // A page of one channel proves that messages can be read.
    checkReads: 1,
    reader: 'bob@example.com',
    admit: (isIn) => (isIn ? channel.members.add('U0BOB00001') : channel.members.delete('U0BOB00001')),
    hook: {
      body: () =>
        JSON.stringify({
          type: 'event_callback',
          team_id: slack.teamId,
          event_id: 'Ev0LIFE001',
          event: {
            type: 'message',
            subtype: 'message_changed',
            channel: channel.id,
            ts: `${Math.floor(Date.now() / 1000)}.000100`,
            message: channel.messages.get(kept),
          },
        }),
      sign: (body, secret) => {
        const time = String(Math.floor(Date.now() / 1000))
        const signature = createHmac('sha256', secret).update(`v0:${time}:${body}`).digest('hex')
        return { 'X-Slack-Request-Timestamp': time, 'X-Slack-Signature': `v0=${signature}` }
      },
    },
    close: () => slack.stop(),
  }
}
