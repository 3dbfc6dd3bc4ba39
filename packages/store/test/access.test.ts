import type { Acl, Principal } from '@cx/core'
import type { RunKey } from '@cx/core/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Store } from '../src/index.ts'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

type Group = { readonly id: string; readonly members: readonly Principal[] }

const emails = ['ann@x.org', 'Ann@X.ORG', 'bob@y.org', 'cyd@Y.org'] as const
const user = fc
  .record({ id: fc.constantFrom('u1', 'u2', 'u3', 'bob@Y.org'), email: fc.option(fc.constantFrom(...emails)) })
  .map(({ id, email }): Principal => ({ type: 'user', id, ...(email === null ? {} : { email }) }))
const principal: fc.Arbitrary<Principal> = fc.oneof(
  { weight: 5, arbitrary: user },
  {
    weight: 5,
    arbitrary: fc.constantFrom('g1', 'g2', 'g3', 'g4').map((id): Principal => ({ type: 'group', id })),
  },
  { weight: 1, arbitrary: fc.constantFrom('x.org', 'Y.org').map((id): Principal => ({ type: 'domain', id })) },
  { weight: 1, arbitrary: fc.constant<Principal>({ type: 'anyone' }) },
)
const acl: fc.Arbitrary<Acl> = fc.record({
  allOf: fc.array(fc.array(principal, { maxLength: 3 }), { maxLength: 3 }),
  deny: fc.array(principal, { maxLength: 1 }),
})
const groups: fc.Arbitrary<readonly Group[]> = fc.uniqueArray(
  fc.record({ id: fc.constantFrom('g1', 'g2', 'g3', 'g4'), members: fc.array(principal, { maxLength: 3 }) }),
  { selector: (group) => group.id, maxLength: 4 },
)
const world = fc.record({ groups, acls: fc.array(fc.option(acl), { minLength: 25, maxLength: 25 }) })
type World = { readonly groups: readonly Group[]; readonly acls: readonly (Acl | null)[] }

const people = ['ann@x.org', 'BOB@y.org', 'cyd@y.org', 'dan@x.org', 'eve@z.org', 'u1', 'u2', 'u9']

/** The same rules, said plainly: who a person is in one source, and what an access list gives them. */
function allowed(person: string, { groups: all, acls }: World, list: Acl | null): boolean {
  if (list === null || list.allOf.length === 0) return false
  const lower = person.toLowerCase()
  const named = [
    ...all.flatMap((group) => group.members),
    ...acls.flatMap((one) => (one === null ? [] : [...one.allOf.flat(), ...(one.deny ?? [])])),
  ].filter((p) => p.type === 'user')
  const isEmail = person.includes('@')
  const ids = new Set(isEmail ? [] : [person])
  const mails = new Set(isEmail ? [lower] : [])
  for (const p of named) {
    if (isEmail && (p.email?.toLowerCase() === lower || p.id.toLowerCase() === lower)) ids.add(p.id)
    if (!isEmail && p.id === person && p.email !== undefined) mails.add(p.email.toLowerCase())
  }
  const is = (p: Principal, path: readonly string[] = []): boolean => {
    if (p.type === 'anyone') return true
    if (p.type === 'domain') return [...mails].some((mail) => mail.split('@')[1] === p.id.toLowerCase())
    if (p.type === 'user')
      return ids.has(p.id) || mails.has(p.email?.toLowerCase() ?? '-') || mails.has(p.id.toLowerCase())
    if (path.includes(p.id)) return false
    return all.some((group) => group.id === p.id && group.members.some((member) => is(member, [...path, p.id])))
  }
  return list.allOf.every((set) => set.some((p) => is(p))) && !(list.deny ?? []).some((p) => is(p))
}

/** A connector with a document for each access list. */
async function fill(store: Store, { groups: all, acls }: World): Promise<string> {
  const { id: connectorId } = await opened.newConnector()
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const job = (await store.claim('test', 60_000))!
  const run: RunKey = { jobId: job.id, connectorId, attempt: job.attempt }
  await store.putGroups(run, all)
  await store.finishGroups(run)
  await store.commit(run, {
    generation: null,
    pipeline: 'p',
    skipPipeline: 'p',
    outcomes: acls.map((list, i) => ({
      kind: 'indexed',
      entry: { id: `d${i}`, path: `d${i}`, version: '1', ...(list === null ? {} : { acl: list }) },
      fingerprint: 1,
      bytes: 1,
      contentHash: '',
      document: { mimeType: 'text/plain', chunks: [{ text: 'word', overlap: 0, headings: [] }] },
    })),
  })
  await store.finish(run, { status: 'completed' })
  return connectorId
}

test('the filter in the query lets through exactly what the rules say, in 12,000 cases', async () => {
  const { store, collectionId } = opened
  let cases = 0
  let through = 0
  await fc.assert(
    fc.asyncProperty(world, world, async (one, two) => {
      const worlds = [one, two]
      const connectors = [await fill(store, one), await fill(store, two)]
      for (const person of people) {
        const expected = worlds.flatMap((each, w) =>
          each.acls.flatMap((list, i) => (allowed(person, each, list) ? [`${connectors[w]} d${i}`] : [])),
        )
        const { hits, total } = await store.search({
          query: 'word',
          collections: [collectionId],
          limit: 100,
          offset: 0,
          filters: { connectors },
          principal: person,
        })
        expect(hits.map((hit) => `${hit.connectorId} ${hit.path}`).sort()).toEqual(expected.sort())
        expect(total).toBe(expected.length)
        cases += one.acls.length + two.acls.length
        through += expected.length
      }
      const document = (await store.documentByPath(connectors[0]!, 'd0'))!
      for (const person of people) {
        const explained = (await store.explainAccess(document.id, person))!
        expect(explained.allowed).toBe(allowed(person, one, one.acls[0]!))
      }
    }),
    { numRuns: 30 },
  )
  expect(cases).toBe(12_000)
  // Neither all nor nothing, or the comparison would say little.
  expect(through).toBeGreaterThan(600)
  expect(through).toBeLessThan(9_000)
})

test('an explanation names what matched in each set, through which groups, and what denied', async () => {
  const { store } = opened
  const ann: Principal = { type: 'user', id: 'u1', email: 'ann@x.org' }
  const connectorId = await fill(store, {
    groups: [
      { id: 'staff', members: [{ type: 'group', id: 'team' }] },
      { id: 'team', members: [ann, { type: 'group', id: 'staff' }] },
    ],
    acls: [
      { allOf: [[{ type: 'group', id: 'staff' }], [{ type: 'domain', id: 'x.org' }]] },
      { allOf: [[{ type: 'anyone' }]], deny: [{ type: 'group', id: 'team' }] },
      null,
    ],
  })
  const explain = async (path: string, person: string) =>
    (await store.explainAccess((await store.documentByPath(connectorId, path))!.id, person))!
  expect(await explain('d0', 'ANN@x.org')).toMatchObject({
    allowed: true,
    matches: [
      { type: 'group', id: 'staff' },
      { type: 'domain', id: 'x.org' },
    ],
    denied: null,
  })
  expect((await explain('d0', 'ann@x.org')).principals).toContainEqual({ type: 'group', id: 'team' })
  expect(await explain('d0', 'dan@x.org')).toMatchObject({ allowed: false, matches: [null, { type: 'domain' }] })
  expect(await explain('d1', 'u1')).toMatchObject({ allowed: false, denied: { type: 'group', id: 'team' } })
  expect(await explain('d2', 'ann@x.org')).toMatchObject({ allowed: false, acl: null })
  expect(await store.explainAccess('doc_none', 'u1')).toBeUndefined()
})

test('an e-mail that is listed under nobody any more leads to nobody', async () => {
  const { store, collectionId } = opened
  const old: Acl = { allOf: [[{ type: 'user', id: 'u1', email: 'old@x.org' }]] }
  const connectorId = await fill(store, { groups: [], acls: [old, { allOf: [[{ type: 'user', id: 'u1' }]] }] })
  const find = async (person: string): Promise<number> =>
    (
      await store.search({
        query: 'word',
        collections: [collectionId],
        limit: 10,
        offset: 0,
        filters: { connectors: [connectorId] },
        principal: person,
      })
    ).total
  expect(await find('old@x.org')).toBe(2)
  await store.enqueue({ connectorId, kind: 'permissions', params: {} })
  const job = (await store.claim('test', 60_000))!
  const run = { jobId: job.id, connectorId, attempt: job.attempt }
  await store.setAcls(run, [{ id: 'd0', acl: { allOf: [[{ type: 'user', id: 'u1', email: 'new@x.org' }]] } }])
  await store.finish(run, { status: 'completed' })
  expect(await find('old@x.org')).toBe(0)
  expect(await find('new@x.org')).toBe(2)
})
