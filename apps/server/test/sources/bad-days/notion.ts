import { capabilities, FakeNotion, richText } from '../../../../../plugins/notion/test/fake-notion.ts'
import { startDetour } from './detour.ts'
import { failLate, justBefore, refuseOnce, type Scene, swap } from './scene.ts'

const token = 'ntn_bad-days'
// Three calls a second are allowed, so that 40 pages would take their time.
const rows = 8

/** A database with its rows. */
export async function notionScene(): Promise<Scene> {
  const notion = await new FakeNotion().start()
  notion.tokens.set(token, capabilities)
  const source = notion.source('Pets')
  const pages = Array.from({ length: rows }, (_, n) =>
    notion.row(source, `Row ${n}`, n === 0 ? 'Feed the axolotl.' : `Note ${n}.`),
  )
  const detour = await startDetour(notion.url)
  const isPage = ({ path }: { path: string }) => path.endsWith('/query')
  const error = (status: number, code: string, message: string) => ({
    status,
    body: { object: 'error', status, code, message },
  })
  return {
    type: 'notion',
    config: { apiUrl: detour.url, databases: [source.id] },
    credentials: { method: 'token', token },
    subtree: 'Pets/',
    count: rows + 1,
    days: {
      'a revoked token': {
        begin: () => {
          notion.tokens.delete(token)
          return () => notion.tokens.set(token, capabilities)
        },
        ends: 'failed',
        code: 'unauthenticated',
        says: /reconnect/,
      },
      'a missing scope': {
        begin: () => {
          notion.tokens.set(token, ['read_users'])
          return () => notion.tokens.set(token, capabilities)
        },
        ends: 'failed',
        code: 'forbidden',
        says: /lacks the capability “Read content”: switch it on/,
      },
      'a container that was renamed': {
        begin: () => swap(source as { title: typeof source.title }, 'title', richText('Animals')),
        ends: 'completed',
      },
      'a container that went, or is closed to us': {
        begin: () => {
          const held = notion.sources.get(source.id)!
          notion.sources.delete(source.id)
          return () => notion.sources.set(source.id, held)
        },
        ends: 'failed',
        code: 'misconfigured',
        says: /add the connection.*nothing is deleted/,
      },
      'a document that goes between listing and reading': {
        begin: () => {
          notion.edit(pages[7]!, 'Soon gone.')
          const isRead = ({ path }: { path: string }) => path.includes(`${pages[7]!.page.id}/markdown`)
          return justBefore(detour, isRead, () => notion.pages.delete(pages[7]!.page.id))
        },
        ends: 'completed',
        gone: 1,
      },
      'an error 500 on a late page': {
        begin: () => {
          const grow = swap(notion, 'pageCap', 1)
          const calm = failLate(detour, isPage, error(500, 'internal_server_error', 'Unexpected error occurred.'), 6)
          return () => [grow(), calm()]
        },
        ends: 'failed',
        code: 'unavailable',
      },
      'a cursor that expired': {
        begin: () => {
          notion.edit(pages[1]!, 'A newt.')
          const isLater = (call: { path: string; body: string }) => isPage(call) && call.body.includes('start_cursor')
          const grow = swap(notion, 'pageCap', 4)
          const calm = refuseOnce(
            detour,
            isLater,
            error(400, 'validation_error', 'The start_cursor provided is invalid: c1'),
          )
          return () => [grow(), calm()]
        },
        ends: 'completed',
        finds: 'newt',
      },
      'another tenant behind the same address': {
        begin: () => swap(notion, 'workspaceId', '22222222-0000-4000-8000-000000000002'),
        ends: 'failed',
        code: 'misconfigured',
        says: /lead to 22222222/,
      },
    },
    close: async () => {
      await detour.close()
      await notion.stop()
    },
  }
}
