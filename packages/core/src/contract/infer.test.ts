import { expect, expectTypeOf, test } from 'vitest'
import { type Credentials, checkpoint, defineConnector, type Infer, none, oauth2, secret } from '../index.ts'

const config = {
  type: 'object',
  required: ['bucket'],
  properties: {
    bucket: { type: 'string' },
    prefix: { type: 'string', default: '' },
    depth: { type: 'integer' },
    mode: { enum: ['fast', 'slow'], default: 'fast' },
    tags: { type: 'array', items: { type: 'string' }, default: [] },
    nested: { type: 'object', properties: { on: { type: 'boolean', default: true } } },
  },
} as const

const auth = {
  keys: secret({ type: 'object', required: ['id'], properties: { id: { type: 'string' }, token: { type: 'string' } } }),
  google: oauth2({ authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: [] }),
  open: none(),
}

test('config keys that are required or have a default are there; the others may be missing', () => {
  type Config = Infer<typeof config>
  expectTypeOf<Config['bucket']>().toEqualTypeOf<string>()
  expectTypeOf<Config['prefix']>().toEqualTypeOf<string>()
  expectTypeOf<Config['depth']>().toEqualTypeOf<number | undefined>()
  expectTypeOf<Config['mode']>().toEqualTypeOf<'fast' | 'slow'>()
  expectTypeOf<Config['tags']>().toEqualTypeOf<readonly string[]>()
  expectTypeOf<NonNullable<Config['nested']>['on']>().toEqualTypeOf<boolean>()
})

test('credentials narrow by method', () => {
  const use = (credentials: Credentials<typeof auth>) => {
    if (credentials.method === 'keys') {
      expectTypeOf(credentials.id).toEqualTypeOf<string>()
      expectTypeOf(credentials.token).toEqualTypeOf<string | undefined>()
    } else if (credentials.method === 'google') expectTypeOf(credentials.accessToken).toEqualTypeOf<string>()
    else expectTypeOf(credentials.method).toEqualTypeOf<'open'>()
  }
  expect(use).toBeTypeOf('function')
  expectTypeOf<Credentials<Record<never, never>>>().toEqualTypeOf<{ readonly method: 'none' }>()
})

test('the session flows from connect to every verb, and the cursor from now to since', () => {
  const connector = defineConnector({
    name: 'typed',
    title: 'Typed',
    description: 'Checks types.',
    config,
    auth,
    connect: async ({ config, credentials }) => {
      expectTypeOf(config.prefix).toEqualTypeOf<string>()
      return { bucket: config.bucket, method: (await credentials()).method }
    },
    check: async (session) => {
      expectTypeOf(session).toEqualTypeOf<{ bucket: string; method: 'keys' | 'google' | 'open' }>()
      return { account: session.bucket }
    },
    async *list(session, { config }) {
      yield { id: session.bucket, path: config.bucket, version: '1' }
      yield checkpoint({ page: 1 })
    },
    read: async (_session, entry) => ({ body: entry.id, mimeType: 'text/plain' }),
    changes: {
      now: async () => ({ at: 1 }),
      async *since(_session, cursor) {
        expectTypeOf(cursor).toEqualTypeOf<{ at: number }>()
        yield checkpoint({ at: cursor.at + 1 })
      },
    },
  })
  expect(Object.isFrozen(connector)).toBe(true)
  expect(connector.apiVersion).toBe(1)
})

test('a bad name and a config that is no object are refused with a sentence', () => {
  const rest = {
    title: '',
    description: '',
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: '' }),
    async *list() {},
    read: async () => ({ body: '', mimeType: '' }),
  }
  expect(() => defineConnector({ ...rest, name: 'Google-Drive', config: { type: 'object' } })).toThrow(/snake_case/)
  expect(() => defineConnector({ ...rest, name: 'drive', config: { type: 'string' } })).toThrow(/type "object"/)
})
