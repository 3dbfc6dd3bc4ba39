import type { Acl, Entry, Principal } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { group, user } from './acl.ts'
import { fileId, refOf } from './entry.ts'
import { concernsPart } from './errors.ts'
import { allFiles } from './files.ts'
import { type Found, fileFields } from './item.ts'
import { placeOf } from './place.ts'
import type { DriveRun, Session } from './session.ts'

type EntryAcl = { readonly id: string; readonly acl: Acl }

const atOnce = 16
/** So many lists are asked for one by one; beyond, one listing gives all. */
const fewEntries = 50
/** Lists kept from a listing; what does not fit is asked for one by one. */
const mostKept = 250_000

/** The lists that one listing of everything gave; equal ones are kept once. */
class Scan {
  readonly #lists = new Map<string, Acl>()
  readonly #byFile = new Map<string, Acl>()

  static async of(run: DriveRun): Promise<Scan> {
    const scan = new Scan()
    for await (const { files } of allFiles(run, { unreadable: () => {} }))
      for await (const { file, acl } of mapConcurrently(files, atOnce, async (found) => ({
        ...found,
        acl: await aclOf(found, run),
      })))
        if (acl && scan.#byFile.size < mostKept) scan.#keep(file.id, acl)
    return scan
  }

  #keep(id: string, acl: Acl): void {
    const text = JSON.stringify(acl)
    const same = this.#lists.get(text) ?? acl
    this.#lists.set(text, same)
    this.#byFile.set(id, same)
  }

  get(id: string): Acl | undefined {
    return this.#byFile.get(id)
  }
}

const scans = new WeakMap<Session, Promise<Scan>>()

/** Access lists as of now. A few are asked for one by one; for more, one listing gives all: a call for 1,000. */
export async function* acls(entries: readonly Entry[], run: DriveRun): AsyncGenerator<EntryAcl, void, void> {
  const { session } = run
  session.aclsAsked += entries.length
  const scan = session.aclsAsked > fewEntries ? await scanOf(run) : undefined
  const work = async (entry: Entry) => ({ id: entry.id, acl: scan?.get(fileId(entry)) ?? (await askedFor(entry, run)) })
  for await (const { id, acl } of mapConcurrently(entries, atOnce, work)) if (acl) yield { id, acl }
}

function scanOf(run: DriveRun): Promise<Scan> {
  let scan = scans.get(run.session)
  if (scan === undefined) {
    scan = Scan.of(run)
    scan.catch(() => scans.delete(run.session))
    scans.set(run.session, scan)
  }
  return scan
}

/** Undefined when it cannot be had: the last known list stays. */
async function askedFor(entry: Entry, run: DriveRun): Promise<Acl | undefined> {
  const { session, signal } = run
  const { d: driveId, k: resourceKey } = refOf(entry)
  try {
    const file = await session.client.get(fileId(entry), fileFields[driveId ? 'drive' : 'user'], signal, resourceKey)
    return await aclOf({ file }, run)
  } catch (error) {
    if (concernsPart(error)) return undefined
    throw error
  }
}

async function aclOf({ file }: Found, run: DriveRun): Promise<Acl | undefined> {
  return run.session.access.of(file, await placeOf(file, run), run.signal)
}

interface DirectoryGroup {
  readonly email: string
}
interface Member {
  readonly email?: string
  readonly type?: string
  readonly status?: string
}

/** Groups of the whole organisation with their direct members. https://developers.google.com/workspace/admin/directory/reference/rest/v1/members */
export async function* groups(
  run: DriveRun,
): AsyncGenerator<{ readonly id: string; readonly members: readonly Principal[] }, void, void> {
  if (!run.session.config.groupMembers) return
  const found = directoryPages<DirectoryGroup>('groups', 'groups', { customer: 'my_customer' }, run)
  const work = async ({ email }: DirectoryGroup) => {
    const members: Principal[] = []
    for await (const member of directoryPages<Member>(
      `groups/${encodeURIComponent(email)}/members`,
      'members',
      {},
      run,
    )) {
      const principal = memberOf(member, email)
      if (principal) members.push(principal)
    }
    return { id: group(email).id, members }
  }
  yield* mapConcurrently(found, 4, work)
}

function memberOf({ email, type, status }: Member, ofGroup: string): Principal | undefined {
  // The whole organisation: at least everyone in the group's own domain.
  if (type === 'CUSTOMER') return { type: 'domain', id: ofGroup.slice(ofGroup.lastIndexOf('@') + 1).toLowerCase() }
  if (!email || (status !== undefined && status !== 'ACTIVE')) return undefined
  return type === 'GROUP' ? group(email) : user(email)
}

async function* directoryPages<T>(
  path: string,
  field: string,
  query: Readonly<Record<string, string>>,
  { session, signal }: DriveRun,
): AsyncGenerator<T, void, void> {
  let pageToken: string | undefined
  do {
    const answer = await session.client.directory<{ readonly nextPageToken?: string } & Record<string, unknown>>(
      path,
      { ...query, maxResults: 200, pageToken },
      signal,
    )
    yield* (answer[field] as readonly T[] | undefined) ?? []
    pageToken = answer.nextPageToken || undefined
  } while (pageToken !== undefined)
}
