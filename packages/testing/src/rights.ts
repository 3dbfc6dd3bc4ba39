import { readFileSync } from 'node:fs'
import type { Entry } from '@cx/core'
import type { OpenConnector } from './open-connector.ts'

/** One row of a README's table `right | used for | without it`. */
export interface DocumentedRight {
  readonly right: string
  /** False where the cell says "(not asked for)". */
  readonly isAskedFor: boolean
  readonly usedFor: string
  readonly without: string
}

/**
 * The rights that a plugin's README names: rows of its first table whose last column is "without it". A cell that names
 * several rights stands for each of them.
 */
export function documentedRights(readme: URL): DocumentedRight[] {
  const table = /^\|.*\| without it +\|\n\|[-| ]+\|\n((?:\|.*\|\n)+)/m.exec(readFileSync(readme, 'utf8'))?.[1]
  if (table === undefined) throw new Error(`${readme.pathname} has no table of rights.`)
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [rights = '', usedFor = '', without = ''] = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim())
      const isAskedFor = !rights.includes('(not asked for)')
      return [...rights.matchAll(/`([^`]+)`/g)].map(([, right]) => ({ right: right!, isAskedFor, usedFor, without }))
    })
}

/** What a sync through all verbs gives, to be compared with another one by {@link lossOf}. */
export interface Yield {
  readonly refused?: string
  readonly unreadable: readonly string[]
  readonly entries: readonly Entry[]
  readonly texts: ReadonlyMap<string, string>
  readonly refusedReads: readonly string[]
  readonly acls: number
  readonly groups: string
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code)

/** Opens a session, lists, reads everything, asks for access lists and groups, and closes it. */
export async function yieldOf(open: () => Promise<OpenConnector>): Promise<Yield> {
  const none = { unreadable: [], entries: [], texts: new Map<string, string>(), refusedReads: [], acls: 0, groups: '' }
  try {
    await using opened = await open()
    await opened.check()
    return await yieldOfEntries(opened, await opened.list())
  } catch (error) {
    return { ...none, refused: codeOf(error) }
  }
}

async function yieldOfEntries(opened: OpenConnector, entries: readonly Entry[]): Promise<Yield> {
  const texts = new Map<string, string>()
  const refusedReads: string[] = []
  for (const entry of entries)
    if (entry.unavailable === undefined)
      await opened.text(entry).then(
        (text) => texts.set(entry.id, text),
        (error) => refusedReads.push(codeOf(error)),
      )
  const own = entries.filter(({ acl }) => acl !== undefined).length
  const rest = entries.filter(({ acl }) => acl === undefined)
  // What the connector does not have is the same with all rights and with less.
  const asked = async (work: () => Promise<Map<string, unknown>>) => (await work().catch(() => new Map())).size
  const acls = own + (await asked(async () => opened.acls(rest)))
  const groups = await (async () => JSON.stringify(await opened.groups()))().catch(codeOf)
  const unreadable = opened.unreadable.map(({ error }) => codeOf(error))
  return { unreadable, entries, texts, refusedReads, acls, groups }
}

/** What is lost between the two, in the words that a README's last column begins with. */
export function lossOf(all: Yield, less: Yield): string {
  if (less.refused !== undefined) return `the sync ends as \`${less.refused}\``
  if (less.unreadable.length > all.unreadable.length)
    return `parts are reported as \`${[...new Set(less.unreadable)].join('`, `')}\``
  const unavailable = (one: Yield) => one.entries.filter((entry) => entry.unavailable !== undefined).length
  if (unavailable(less) > unavailable(all)) return 'documents are listed as unavailable'
  if (less.refusedReads.length > all.refusedReads.length) return `reads end as \`${less.refusedReads[0]}\``
  const shape = (one: Yield) =>
    one.entries
      .map(({ id, path }) => `${id} ${path}`)
      .sort()
      .join('\n')
  if (less.entries.length < all.entries.length) return 'documents are missing'
  if (shape(less) !== shape(all)) return 'paths differ'
  if (less.acls < all.acls) return 'access lists stay unknown'
  if (less.groups !== all.groups)
    return /^[a-z_]+$/.test(less.groups) ? 'members of groups stay as they were' : 'members differ'
  const texts = (one: Yield) => [...one.texts].sort().join('\n')
  return texts(less) === texts(all) ? 'nothing' : 'texts differ'
}
