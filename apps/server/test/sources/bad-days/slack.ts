import { daysAgo } from '../../../../../plugins/slack/test/drive.ts'
import { allScopes, FakeSlack } from '../../../../../plugins/slack/test/fake-slack.ts'
import { startDetour } from './detour.ts'
import { failLate, justBefore, refuseOnce, type Scene, swap } from './scene.ts'

const token = 'xoxb-bad-days'
// Fifty pages a minute are allowed, so that 40 would take their time.
const messages = 8

/** A private channel with a message a day, and a thread. */
export async function slackScene(): Promise<Scene> {
  const slack = await new FakeSlack().start()
  slack.tokens.set(token, { scopes: allScopes })
  slack.user('U0ANN00001', 'ann')
  const channel = slack.channel('pets', { isPrivate: true })
  const times = Array.from({ length: messages }, (_, day) => daysAgo(day + 1))
  for (const [n, ts] of times.entries()) slack.post(channel, ts, n === 0 ? 'Feed the axolotl.' : `Note ${n}.`)
  // In a channel's day there is more than one thread.
  const thread = daysAgo(messages, 200)
  slack.post(channel, thread, 'What do geckos eat?')
  slack.reply(channel, thread, daysAgo(messages, 300), 'Crickets.')
  const detour = await startDetour(slack.origin)
  const isPage = ({ path }: { path: string }) => path.endsWith('/conversations.history')
  return {
    type: 'slack',
    config: { apiUrl: `${detour.url}/api`, channels: ['pets'] },
    credentials: { method: 'token', token },
    subtree: 'pets/',
    count: messages + 1,
    days: {
      'a revoked token': {
        begin: () => {
          slack.tokens.delete(token)
          return () => slack.tokens.set(token, { scopes: allScopes })
        },
        ends: 'failed',
        code: 'unauthenticated',
        says: /revoked.*Reconnect/,
      },
      'a missing scope': {
        begin: () => {
          slack.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'groups:history') })
          return () => slack.tokens.set(token, { scopes: allScopes })
        },
        ends: 'partial',
        says: /lacks groups:history.*Add the scope/,
      },
      'a container that was renamed': {
        begin: () => {
          slack.rename(channel, 'animals')
          return () => slack.rename(channel, 'pets')
        },
        ends: 'completed',
      },
      'a container that went, or is closed to us': {
        begin: () => {
          channel.members.delete(slack.botId)
          return () => channel.members.add(slack.botId)
        },
        ends: 'failed',
        says: /\/invite/,
      },
      'a document that goes between listing and reading': {
        begin: () => {
          slack.reply(channel, thread, daysAgo(messages, 400), 'And locusts.')
          return justBefore(
            detour,
            ({ path }) => path.endsWith('/conversations.replies'),
            () => [channel.messages.delete(thread), channel.replies.delete(thread)],
          )
        },
        ends: 'completed',
        gone: 1,
      },
      'an error 500 on a late page': {
        begin: () => {
          const grow = swap(slack, 'pageCap', 1)
          const calm = failLate(detour, isPage, { status: 500, body: { ok: false, error: 'internal_error' } }, 6)
          return () => [grow(), calm()]
        },
        ends: 'failed',
        code: 'unavailable',
      },
      'a cursor that expired': {
        begin: () => {
          slack.edit(channel, times[1]!, 'A newt.')
          const grow = swap(slack, 'pageCap', 4)
          const calm = refuseOnce(detour, (call) => isPage(call) && call.query.has('cursor'), {
            status: 200,
            body: { ok: false, error: 'invalid_cursor' },
          })
          return () => [grow(), calm()]
        },
        ends: 'completed',
        finds: 'newt',
      },
      'another tenant behind the same address': {
        begin: () => swap(slack, 'teamId', 'T0OTHER001'),
        ends: 'failed',
        code: 'misconfigured',
        says: /lead to T0OTHER001/,
      },
    },
    close: async () => {
      await detour.close()
      await slack.stop()
    },
  }
}
