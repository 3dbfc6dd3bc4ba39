import { expect, test } from 'vitest'
import { defineConnector, none, oauth2, secret } from '../index.ts'
import { validateConfig, validateCredentials } from './validate.ts'

const connector = defineConnector({
  name: 'sample',
  title: 'Sample',
  description: '',
  config: {
    type: 'object',
    required: ['bucket'],
    properties: {
      bucket: { type: 'string', minLength: 3 },
      prefix: { type: 'string', default: '' },
      depth: { type: 'integer', minimum: 1 },
      mode: { enum: ['fast', 'slow'], default: 'fast' },
    },
  },
  auth: {
    keys: secret({
      type: 'object',
      required: ['accessKeyId', 'secretAccessKey'],
      properties: { accessKeyId: { type: 'string' }, secretAccessKey: { type: 'string', writeOnly: true } },
    }),
    token: secret({ type: 'object', required: ['token'], properties: { token: { type: 'string', writeOnly: true } } }),
    login: oauth2({ authorizationUrl: 'https://a.example', tokenUrl: 'https://t.example', scopes: [] }),
    anonymous: none('Public'),
  },
  connect: () => ({}),
  check: async () => ({ account: '' }),
  async *list() {},
  read: async () => ({ body: '', mimeType: '' }),
})

test('every error at once, with paths', () => {
  const result = validateConfig(connector, { depth: 0, mode: 'odd', colour: 'red' })
  expect(result).toEqual({
    ok: false,
    errors: expect.arrayContaining([
      { path: '/bucket', message: 'is required' },
      { path: '/colour', message: 'is not a known field' },
      { path: '/depth', message: 'must be >= 1' },
      { path: '/mode', message: 'must be one of "fast", "slow"' },
    ]),
  })
})

test('defaults are filled in, and the caller’s object is left alone', () => {
  const config = { bucket: 'docs' }
  expect(validateConfig(connector, config)).toEqual({ ok: true, value: { bucket: 'docs', prefix: '', mode: 'fast' } })
  expect(config).toEqual({ bucket: 'docs' })
})

test('the way in is found from the fields', () => {
  expect(validateCredentials(connector, { accessKeyId: 'a', secretAccessKey: 'b' })).toMatchObject({
    ok: true,
    value: { method: 'keys' },
  })
  expect(validateCredentials(connector, { method: 'token', token: 't' })).toMatchObject({
    ok: true,
    value: { method: 'token', value: { token: 't' } },
  })
  expect(validateCredentials(connector, undefined)).toEqual({ ok: true, value: { method: 'anonymous', value: {} } })
})

test('bad credentials say what is wrong', () => {
  expect(validateCredentials(connector, { accessKeyId: 'a' })).toEqual({
    ok: false,
    errors: [{ path: '/secretAccessKey', message: 'is required' }],
  })
  expect(validateCredentials(connector, { method: 'magic' })).toMatchObject({
    ok: false,
    errors: [{ path: '/method' }],
  })
  expect(validateCredentials(connector, { method: 'login' })).toMatchObject({
    ok: false,
    errors: [{ message: expect.stringContaining('/oauth/init') }],
  })
  expect(validateCredentials(connector, 'secret')).toMatchObject({
    ok: false,
    errors: [{ message: 'must be an object' }],
  })
  expect(validateCredentials(connector, { method: 'constructor' })).toMatchObject({ ok: false })
})
