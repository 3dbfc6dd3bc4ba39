import { createHmac } from 'node:crypto'
import type { Hmac } from '@cx/core'
import { expect, it } from 'vitest'
import github from './index.ts'
import { receive } from './webhook.ts'

const config = { repos: ['acme/docs'], includeFiles: true, includeIssues: true, includePullRequests: true } as never
const repository = { id: 9, full_name: 'Acme/Docs', default_branch: 'main' }

function deliver(event: string, payload: object | string, over: object = {}) {
  const headers = new Headers({ 'x-github-event': event, 'x-github-delivery': 'd1' })
  const body = new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload))
  return receive({ headers, body, query: new URLSearchParams(), receivedAt: 0 }, {
    ...(config as object),
    ...over,
  } as never)
}

it("declares the signature of GitHub's own example", () => {
  const { hash, header, prefix, encoding } = github.webhook!.verify as Hmac
  expect(header).toBe('x-hub-signature-256')
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const digest = createHmac(hash, "It's a Secret to Everybody").update('Hello, World!').digest(encoding)
  expect(prefix + digest).toBe('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17')
})

it.each([
  ['push', { ref: 'refs/heads/main', repository }, {}, { kind: 'resync', deliveryId: 'd1' }],
  ['push', { ref: 'refs/heads/dev', repository }, {}, { kind: 'ignored' }],
  ['push', { ref: 'refs/heads/dev', repository }, { branch: 'dev' }, { kind: 'resync' }],
  ['push', { ref: 'refs/heads/main', repository }, { repos: ['acme/*'] }, { kind: 'resync' }],
  ['push', { ref: 'refs/heads/main', repository }, { repos: ['9'] }, { kind: 'resync' }],
  ['push', { ref: 'refs/heads/main', repository }, { repos: ['acme/other'] }, { kind: 'ignored' }],
  ['issues', { issue: { number: 5 }, repository }, {}, { kind: 'affected', paths: ['Acme/Docs/issues/5'] }],
  [
    'issue_comment',
    { issue: { number: 6, pull_request: {} }, repository },
    {},
    { kind: 'affected', paths: ['Acme/Docs/pull/6'] },
  ],
  ['issues', { issue: { number: 5 }, repository }, { includeIssues: false }, { kind: 'ignored' }],
  ['pull_request', { pull_request: { number: 7 }, repository }, {}, { kind: 'affected', paths: ['Acme/Docs/pull/7'] }],
  [
    'repository',
    {
      action: 'renamed',
      repository: { ...repository, full_name: 'acme/new' },
      changes: { repository: { name: { from: 'docs' } } },
    },
    {},
    { kind: 'resync' },
  ],
  ['installation_repositories', { action: 'added' }, {}, { kind: 'resync' }],
  ['ping', { zen: 'x' }, {}, { kind: 'ignored' }],
  ['push', 'payload=%7B%7D', {}, { kind: 'ignored' }],
  ['star', { repository }, {}, { kind: 'ignored' }],
])('%s %j', (event, payload, over, expected) => {
  expect(deliver(event, payload, over)).toMatchObject(expected)
})
