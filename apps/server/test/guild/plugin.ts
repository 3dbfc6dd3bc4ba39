import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, defineConnector, type Principal } from '@cx/core'

/** What the file `state.json` of its folder says; the source of every process that reads it. */
export interface Guild {
  readonly documents: number
  readonly groups: number
  /** Another edition is another set of members and access lists, and no other content. */
  readonly edition: number
  /** Groups end with an error after so many. */
  readonly groupsFailAfter?: number
  /** Between groups, and between pages of access lists. */
  readonly pauseMs: number
}

const user = (n: number): Principal => ({ type: 'user', id: `u${n}`, email: `u${n}@example.com` })
const group = (n: number): Principal => ({ type: 'group', id: `g${n}` })
const idOf = (n: number) => `d${String(n).padStart(5, '0')}`

/** A source outside of the process that reads it: documents, nested groups, access lists with denials. */
export default defineConnector({
  name: 'guild',
  title: 'Guild',
  description: 'For tests.',
  config: { type: 'object', required: ['folder'], properties: { folder: { type: 'string', title: 'Folder' } } },
  auth: {},
  connect: async ({ config }): Promise<Guild> =>
    JSON.parse(await readFile(join(config.folder, 'state.json'), 'utf8')) as Guild,
  check: async () => ({ account: 'guild' }),
  async *list({ documents }) {
    for (let n = 0; n < documents; n++) yield { id: idOf(n), path: `${idOf(n)}.txt`, version: '1', size: 20 }
  },
  read: async (_guild, { id }) => ({ body: `The ledger ${id}.`, mimeType: 'text/plain' }),
  permissions: {
    async *acls({ edition, groups, pauseMs }, entries) {
      await sleep(pauseMs)
      for (const { id } of entries) {
        const n = Number(id.slice(1)) + edition
        yield {
          id,
          acl: {
            allOf: n % 5 === 0 ? [[group(n % groups)], [group((n + 1) % groups), user(n % 7)]] : [[group(n % groups)]],
            ...(n % 3 === 0 && { deny: [user(n % 11)] }),
          },
        }
      }
    },
    async *groups({ edition, groups, pauseMs, groupsFailAfter }) {
      for (let n = 0; n < groups; n++) {
        if (n === groupsFailAfter) throw new ConnectorError('forbidden', 'The directory is closed to this account.')
        // In circles, as directories have them.
        yield { id: `g${n}`, members: [group((n * 7 + edition) % groups), user(n + edition), user(n % 13)] }
        if (n % 50 === 49) await sleep(pauseMs)
      }
    },
  },
})
