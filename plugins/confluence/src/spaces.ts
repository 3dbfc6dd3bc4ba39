import { ConnectorError } from '@cx/core'
import type { Running } from './session.ts'
import type { Space } from './wiki.ts'

export interface Selection {
  /** By id, so that a listing can go on where it was. */
  readonly spaces: readonly Space[]
  /** Configured keys that no space answers to. */
  readonly missing: readonly { readonly key: string; readonly error: ConnectorError }[]
}

/**
 * The spaces that are configured.
 *
 * @throws ConnectorError `misconfigured` when not one of the named ones can be seen.
 */
export function selectSpaces(running: Running): Promise<Selection> {
  return running.session.recent('spaces', () => select(running))
}

async function select({ session, config, log, signal }: Running): Promise<Selection> {
  const { wiki, me } = await session.site(signal)
  const { spaceKeys, excludeSpaceKeys, includeArchived, includePersonalSpaces } = config
  const left = new Set(excludeSpaceKeys.map(fold))
  const named = [...new Map(spaceKeys.map((key) => [fold(key), key])).values()]
  const seen = new Map<string, Space>()
  for await (const some of wiki.spaces(named.length > 0 ? named : undefined, { signal }))
    for (const space of some) seen.set(space.id, space)
  const missing = named
    .filter((key) => ![...seen.values()].some((space) => answersTo(space, key)))
    .map((key) => ({ key, error: missingError(key, me.name ?? me.id) }))
  if (named.length > 0 && missing.length === named.length) {
    if (named.length === 1) throw missing[0]!.error
    throw missingError(named.join(', '), me.name ?? me.id)
  }
  const spaces = [...seen.values()].filter((space) => {
    if (left.has(fold(space.key))) return false
    if (named.length > 0 && !named.some((key) => answersTo(space, key))) return false
    if (space.archived && !includeArchived) {
      if (named.length > 0) log.warn('An archived space is left out.', { space: space.key })
      return false
    }
    return named.length > 0 || !space.personal || includePersonalSpaces
  })
  return { spaces: spaces.sort((one, other) => compareIds(one.id, other.id)), missing }
}

function missingError(key: string, account: string): ConnectorError {
  return new ConnectorError('misconfigured', `No space with the key ${key} can be seen by ${account}.`, {
    remediation:
      'A space whose key was changed, or that was deleted, has to be corrected in `spaceKeys`; otherwise give the account the right to view it.',
  })
}

function answersTo({ key, alias }: Space, wanted: string): boolean {
  return fold(key) === fold(wanted) || (alias !== undefined && fold(alias) === fold(wanted))
}

/** Keys are compared without regard to case. */
function fold(key: string): string {
  return key.toLowerCase()
}

/** Ids are numbers, with `att` before those of attachments; longer than a double can hold them. */
export function compareIds(one: string, other: string): number {
  const [a, b] = [digits(one), digits(other)]
  if (a.length !== b.length) return a.length - b.length
  if (a !== b) return a < b ? -1 : 1
  return one < other ? -1 : one > other ? 1 : 0
}

function digits(id: string): string {
  return id.replace(/^\D+/, '').replace(/^0+(?=.)/, '')
}
