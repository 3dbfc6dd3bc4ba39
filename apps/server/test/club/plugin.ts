import { affected, ConnectorError, defineConnector, handshake, hmac, ignored, resync } from '@cx/core'
import { type Club, club } from './state.ts'

interface Message {
  readonly challenge?: string
  readonly secret?: string
  readonly paths?: readonly string[]
  readonly everything?: boolean
}

/** A source in memory that has everything: access lists, nested groups, webhooks with subscriptions. */
export default defineConnector({
  name: 'club',
  title: 'Club',
  description: 'For tests.',
  config: { type: 'object', properties: { room: { type: 'string', title: 'Room' } } },
  auth: {},
  connect: (): Club => club(),
  check: async ({ name }) => ({ account: name }),
  async *list({ entries }) {
    for (const { text: _text, acl: _acl, ...entry } of entries.values()) yield entry
  },
  read: async (state, { id }) => {
    state.reads.push(id)
    const code = state.broken.get(id)
    if (code) throw new ConnectorError(code, `Reading ${id} failed.`)
    return { body: state.entries.get(id)!.text, mimeType: 'text/plain' }
  },
  permissions: {
    async *acls(state, entries, { signal }) {
      state.aclPages.push(entries.map(({ id }) => id))
      await state.beforeAcls?.(signal)
      for (const { id } of entries) {
        const acl = state.entries.get(id)?.acl
        if (acl) yield { id, acl }
      }
    },
    async *groups(state) {
      state.groupReads++
      for (const [id, members] of Object.entries(state.groups)) yield { id, members }
    },
  },
  webhook: {
    verify: hmac({
      hash: 'sha256',
      header: 'x-club-signature',
      prefix: 'v0=',
      encoding: 'base64',
      timestampHeader: 'x-club-time',
      signed: ({ headers, body }) => `v0:${headers.get('x-club-time')}:${new TextDecoder().decode(body)}`,
    }),
    receive({ body, headers }) {
      const message = JSON.parse(new TextDecoder().decode(body)) as Message
      const id = headers.get('x-club-delivery') ?? undefined
      if (message.challenge !== undefined)
        return handshake(message.challenge, message.secret === undefined ? {} : { secret: message.secret })
      if (message.everything) return resync('Everything changed.', id)
      return message.paths ? affected(message.paths, id) : ignored('Nothing of interest.', id)
    },
    subscribe: async (state, target) => {
      state.subscriptions.push({ kind: 'subscribe', ...target })
      return state.subscribed()
    },
    renew: async (state, handle, target) => {
      state.subscriptions.push({ kind: 'renew', handle, ...target })
      return state.subscribed()
    },
  },
})
