import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Principal } from '@cx/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Club, newClub } from './club/state.ts'
import { aclOf, type Guild, idOf, membersOf } from './guild/plugin.ts'
import { type Running, start } from './harness.ts'

const group = (id: string) => ({ type: 'group', id }) as const
const person = (id: string, email: string) => ({ type: 'user', id, email }) as const

describe('a refresh of permissions', () => {
  let cx: Running
  let id: string
  let club: Club
  const found = async (principal: string, query = 'walrus') =>
    (await cx.call('POST', '/search', { query, principal, limit: 100 })).data.results.map(({ path }) => path).sort()
  const refresh = async () => {
    const { status, data } = await cx.call('POST', `/connectors/${id}/refresh-permissions`)
    expect([status, data.status]).toEqual([202, 'queued'])
    return data.jobId
  }
  const explain = async (path: string, principal: string) => {
    const { data } = await cx.call('GET', `/connectors/${id}/documents?path=${path}`)
    return (await cx.call('GET', `/connectors/${id}/documents/${data[0]!.id}/access?principal=${principal}`)).data
  }

  beforeAll(async () => {
    const members = [
      { id: 'staff', path: 'staff.txt', text: 'A walrus for staff.', acl: { allOf: [[group('staff')]] } },
      {
        id: 'both',
        path: 'both.txt',
        text: 'A walrus for staff in the project.',
        acl: { allOf: [[group('staff')], [group('project')]], deny: [person('u3', 'eve@example.com')] },
      },
      ...Array.from({ length: 448 }, (_, at) => ({
        id: `n${String(at).padStart(3, '0')}`,
        path: `n${at}.txt`,
        text: `Number ${at}.`,
        acl: { allOf: [[group('staff')]] },
      })),
    ]
    // The source does not tell yet who may read what.
    club = newClub(members.map(({ acl: _acl, ...member }) => member))
    // In circles, as directories have them.
    club.groups = {
      staff: [group('project'), person('u1', 'ann@example.com')],
      project: [group('staff'), person('u2', 'bob@example.com'), person('u3', 'eve@example.com')],
    }
    cx = await start({ CX_PLUGINS: new URL('./club/plugin.ts', import.meta.url).href })
    const made = await cx.call('POST', '/connectors', { name: 'c', type: 'club', collection: 'zoo', config: {} })
    id = made.data.id
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: 450 } })
    for (const member of members) club.entries.set(member.id, { version: '1', ...member })
    club.reads.length = 0
    club.aclPages.length = 0
    club.groupReads = 0
  })
  afterAll(() => cx?.close())

  test('goes on after a stop where it was, reads no content, and groups once', async () => {
    expect(await found('ann@example.com')).toEqual([])
    let reached = () => {}
    const second = new Promise<void>((resolve) => {
      reached = resolve
    })
    club.beforeAcls = (signal) => {
      if (club.aclPages.length < 2) return Promise.resolve()
      reached()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    const jobId = await refresh()
    await second
    const before = (await cx.call('GET', `/connectors/${id}/sync/${jobId}`)).data
    expect(before).toMatchObject({ kind: 'permissions', status: 'running', progress: { listed: 200, indexed: 200 } })
    await cx.host.stop()
    club.beforeAcls = undefined
    club.aclPages.length = 0
    await cx.restart()
    const job = await cx.wait(id, jobId)
    expect(job).toMatchObject({
      status: 'completed',
      attempt: 2,
      mode: null,
      progress: { listed: 450, indexed: 450, unchanged: 0, failed: 0, collected: 0, parsed: 0, bytes: 0 },
    })
    expect(club.aclPages.map((page) => page.length)).toEqual([200, 50])
    expect(club.groupReads).toBe(1)
    expect(club.reads).toEqual([])
  })

  test('lets in who is in, through groups in circles, and says why', async () => {
    expect(await found('ann@example.com')).toEqual(['both.txt', 'staff.txt'])
    expect(await found('bob@example.com')).toEqual(['both.txt', 'staff.txt'])
    expect(await found('u3')).toEqual(['staff.txt'])
    expect(await found('mallory@example.com')).toEqual([])
    expect(await explain('both', 'ann@example.com')).toMatchObject({
      allowed: true,
      message: expect.stringMatching(/group staff.*group project/),
      matches: [group('staff'), group('project')],
      denied: null,
    })
    expect(await explain('both', 'eve@example.com')).toMatchObject({
      allowed: false,
      message: expect.stringContaining('denied'),
      denied: { type: 'user', id: 'u3' },
    })
    expect(await explain('both', 'mallory@example.com')).toMatchObject({ allowed: false, matches: [null, null] })
  })

  test('takes rights away, and changes nothing the second time', async () => {
    club.groups = { ...club.groups, staff: [person('u1', 'ann@example.com')] }
    club.entries.set('staff', { ...club.entries.get('staff')!, acl: { allOf: [[person('u9', 'zoe@example.com')]] } })
    expect(await cx.wait(id, await refresh())).toMatchObject({ progress: { listed: 450, indexed: 1, unchanged: 449 } })
    expect(await found('ann@example.com')).toEqual(['both.txt'])
    expect(await found('bob@example.com')).toEqual([])
    expect(await found('zoe@example.com')).toEqual(['staff.txt'])
    expect(await cx.wait(id, await refresh())).toMatchObject({ progress: { listed: 450, indexed: 0, unchanged: 450 } })
    expect(club.reads).toEqual([])
  })

  test('when permissions cannot be read, the last known ones stay', async () => {
    club.beforeAcls = () => Promise.reject(new Error('The directory is on fire.'))
    expect(await cx.wait(id, await refresh())).toMatchObject({ status: 'failed', error: { code: 'unavailable' } })
    club.beforeAcls = undefined
    expect(await found('zoe@example.com')).toEqual(['staff.txt'])
  })
})

describe('groups that cannot be read', () => {
  const guild = { documents: 40, groups: 9, pauseMs: 0 }
  const people = Array.from({ length: 14 }, (_, n) => `u${n}`)

  /** Who may read what, by the simplest means there are. */
  function naive(aclEdition: number, groupEdition: number | undefined): Record<string, string[]> {
    const member = (id: string, of: Principal, seen: ReadonlySet<string> = new Set()): boolean => {
      if (of.type === 'user') return of.id === id
      if (of.type !== 'group' || seen.has(of.id) || groupEdition === undefined) return false
      const members = membersOf({ edition: groupEdition, groups: guild.groups }, Number(of.id.slice(1)))
      return members.some((one) => member(id, one, new Set([...seen, of.id])))
    }
    const may = (id: string, n: number) => {
      const { allOf, deny = [] } = aclOf({ edition: aclEdition, groups: guild.groups }, n)
      return allOf.every((set) => set.some((one) => member(id, one))) && !deny.some((one) => member(id, one))
    }
    const numbers = Array.from({ length: guild.documents }, (_, n) => n)
    return Object.fromEntries(people.map((id) => [id, numbers.filter((n) => may(id, n)).map((n) => `${idOf(n)}.txt`)]))
  }

  test('keep the last known ones, half a list of them counts for nothing, and the job says so', async () => {
    const cx = await start({ CX_PLUGINS: new URL('./guild/plugin.ts', import.meta.url).href })
    try {
      const write = (more: Pick<Guild, 'edition' | 'groupsFailAfter'>) =>
        writeFile(join(cx.folder, 'state.json'), JSON.stringify({ ...guild, ...more }))
      const body = { name: 'g', type: 'guild', collection: 'g', config: { folder: cx.folder } }
      const { data } = await cx.call('POST', '/connectors', body)
      const refresh = async () => {
        const { data: job } = await cx.call('POST', `/connectors/${data.id}/refresh-permissions`)
        return cx.wait(data.id, job.jobId)
      }
      const seen = async () => {
        const search = async (principal: string) => {
          const found = await cx.call('POST', '/search', { query: 'ledger', principal, limit: 100 })
          return found.data.results.map(({ path }) => path).sort()
        }
        return Object.fromEntries(await Promise.all(people.map(async (id) => [id, await search(id)])))
      }
      const partial = {
        status: 'partial',
        error: { code: 'misconfigured', message: expect.stringContaining('The directory is switched off.') },
      }
      // Never known: nobody is in any group.
      await write({ edition: 1, groupsFailAfter: 4 })
      await cx.sync(data.id)
      expect(await refresh()).toMatchObject(partial)
      expect(await seen()).toEqual(naive(1, undefined))

      await write({ edition: 1 })
      expect(await refresh()).toMatchObject({ status: 'completed' })
      expect(await seen()).toEqual(naive(1, 1))

      // Access lists are those of the second edition, groups still those of the first.
      await write({ edition: 2, groupsFailAfter: 4 })
      expect(await refresh()).toMatchObject(partial)
      expect(await seen()).toEqual(naive(2, 1))

      await write({ edition: 2 })
      expect(await refresh()).toMatchObject({ status: 'completed' })
      expect(await seen()).toEqual(naive(2, 2))
    } finally {
      await cx.close()
    }
  })
})
