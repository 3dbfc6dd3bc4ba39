import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Acl, ConnectorError, defineConnector, type Principal } from '@cx/core'

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

export const user = (n: number): Principal => ({ type: 'user', id: `u${n}`, email: `u${n}@example.com` })
export const group = (n: number): Principal => ({ type: 'group', id: `g${n}` })
export const idOf = (n: number) => `d${String(n).padStart(5, '0')}`

/** Every fifth document needs two sets; every third denies somebody. */
export function aclOf({ edition, groups }: Pick<Guild, 'edition' | 'groups'>, document: number): Acl {
  const n = document + edition
  return {
    allOf: n % 5 === 0 ? [[group(n % groups)], [group((n + 1) % groups), user(n % 7)]] : [[group(n % groups)]],
    ...(n % 3 === 0 && { deny: [user(n % 11)] }),
  }
}

/** In circles, as directories have them. */
export function membersOf({ edition, groups }: Pick<Guild, 'edition' | 'groups'>, n: number): readonly Principal[] {
  return [group((n * 7 + edition) % groups), user(n + edition), user(n % 13)]
}

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
        yield {
          id,
          acl: aclOf({ edition, groups }, Number(id.slice(1))),
        }
      }
    },
    async *groups({ edition, groups, pauseMs, groupsFailAfter }) {
      for (let n = 0; n < groups; n++) {
        if (n === groupsFailAfter) throw new ConnectorError('misconfigured', 'The directory is switched off.')
        yield { id: `g${n}`, members: membersOf({ edition, groups }, n) }
        if (n % 50 === 49) await sleep(pauseMs)
      }
    },
  },
})
