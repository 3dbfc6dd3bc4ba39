import { execFile } from 'node:child_process'
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FakeGitHub } from './fake/server.ts'

// Our GitHub on loopback says nothing that GitHub does not say: each of its answers is compiled against GitHub's own
// description of its REST API (GraphQL is checked against GitHub's schema as it is asked). What we read is in reads.ts.
const hub = new FakeGitHub()
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

beforeAll(async () => {
  await hub.start()
  const ann = hub.account('ann')
  const acme = hub.account('acme', 'Organization')
  hub.tokens.set('token', 'ann').set('installed', 'installation:acme')
  hub.writers.add('ann')
  hub.keys['7'] = publicKey
  for (const owner of [ann, acme]) {
    const repo = hub.repo(owner, 'one')
    repo.commit({ 'readme.md': 'Hello.', 'docs/a.md': 'A.' })
    repo.collaborators.add(ann.id)
    const said = { user: 'ann', body: 'Said.', created_at: '2026-01-03T00:00:00Z' }
    repo.addIssue({ number: 1, title: 'An issue', labels: ['bug'], comments: [said] })
    const comments = [{ ...said, path: 'docs/a.md' }]
    const reviews = [{ user: 'ann', state: 'APPROVED', body: 'Good.', comments }]
    repo.addIssue({ number: 2, title: 'A pull request', body: null, state: 'closed', pull: { reviews } })
    repo.releases.push({ id: 9, tag: 'v1', name: 'One', body: 'First.' })
  }
})
afterAll(() => hub.stop())

function appToken(): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = Math.floor(Date.now() / 1000)
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: '7', iat: now - 10, exp: now + 300 })}`
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
}

/** Paths as GitHub's description writes them, and how to ask for one. */
function questions(): readonly (readonly [template: string, path: string, token?: string | null, method?: 'post'])[] {
  const repo = hub.repos[0]!
  const at = '/repos/ann/one'
  const file = [...repo.git.blobs.keys()][0]!
  const template = '/repos/{owner}/{repo}'
  const app = appToken()
  return [
    [template, at],
    [`${template}/commits/{ref}`, `${at}/commits/main`],
    [`${template}/git/trees/{tree_sha}`, `${at}/git/trees/${repo.head}?recursive=1`],
    [`${template}/git/blobs/{file_sha}`, `${at}/git/blobs/${file}`],
    [`${template}/collaborators`, `${at}/collaborators`],
    [`${template}/issues`, `${at}/issues?state=all`],
    [`${template}/issues/{issue_number}`, `${at}/issues/1`],
    [`${template}/issues/{issue_number}/comments`, `${at}/issues/1/comments`],
    [`${template}/pulls/{pull_number}/comments`, `${at}/pulls/2/comments`],
    [`${template}/pulls/{pull_number}/reviews`, `${at}/pulls/2/reviews`],
    [`${template}/releases`, `${at}/releases`],
    [`${template}/releases/{release_id}`, `${at}/releases/9`],
    ['/user', '/user'],
    ['/user/orgs', '/user/orgs'],
    ['/user/repos', '/user/repos'],
    ['/orgs/{org}/repos', '/orgs/acme/repos'],
    ['/orgs/{org}/members', '/orgs/acme/members'],
    ['/users/{username}/repos', '/users/ann/repos'],
    ['/installation/repositories', '/installation/repositories', 'installed'],
    ['/app/installations', '/app/installations', app],
    ['/orgs/{org}/installation', '/orgs/acme/installation', app],
    ['/users/{username}/installation', '/users/ann/installation', app],
    [`${template}/installation`, `${at}/installation`, app],
    ['/app/installations/{installation_id}/access_tokens', '/app/installations/5100/access_tokens', app, 'post'],
    // What goes wrong.
    [template, '/repos/ann/nothing'],
    [`${template}/releases/{release_id}`, `${at}/releases/404`],
    ['/user', '/user', 'wrong'],
    ['/user', '/user', null],
    [`${template}/collaborators`, `${at}/collaborators`, null],
  ]
}

/** Compiles these answers; resolves with what the compiler says. */
async function compile(lines: readonly string[]): Promise<string> {
  const parent = join(import.meta.dirname, '../node_modules/.openapi')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'answers-'))
  try {
    await writeFile(
      join(folder, 'answers.ts'),
      ["import type { Answer, Problem, Some } from '../../../test/answers.ts'", ...lines].join('\n'),
    )
    const options = { extends: join(import.meta.dirname, '../tsconfig.json'), include: ['answers.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...options, compilerOptions: { types: [] } }))
    const tsc = createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace('package.json', 'bin/tsc')
    await promisify(execFile)(process.execPath, [tsc, '-p', folder])
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout || error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const line = (template: string, method: string, status: number, body: string, index = 0) => {
  const type = status < 400 ? `Answer<'${template}', '${method}', ${status}>` : 'Problem'
  return `export const _${index}: Some<${type}> = ${body}`
}

test('every answer of the stand-in is one that GitHub describes', async () => {
  const lines: string[] = []
  const statuses = new Set<number>()
  for (const [template, path, token = 'token', method = 'get'] of questions()) {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(hub.url + path, { method, headers })
    statuses.add(answer.status)
    const body = await answer.text()
    expect(body, path).not.toBe('[]')
    lines.push(line(template, method, answer.status, body, lines.length))
  }
  expect([...statuses].sort()).toEqual([200, 201, 401, 403, 404])
  expect(await compile(lines)).toBe('')
})

test('an answer that GitHub does not give would be noticed', async () => {
  const issue = (body: string) => line('/repos/{owner}/{repo}/issues/{issue_number}', 'get', 200, body)
  expect(await compile([issue('{ "number": 1, "title": "Fine", "user": null }')])).toBe('')
  for (const wrong of ['{ "number": "1" }', '{ "nummer": 1 }', '{ "user": { "name_of_user": "ann" } }', '[]'])
    expect(await compile([issue(wrong)]), wrong).toContain('error TS')
  expect(await compile([line('/user', 'get', 218, '{}')])).toContain('error TS')
})
