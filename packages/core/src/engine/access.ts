import type { Acl, Entry } from '../contract/entry.ts'
import { isConnectorError } from '../contract/errors.ts'
import { iterate, untilAborted } from './abort.ts'
import type { Failure } from './failure.ts'
import type { SyncOptions } from './options.ts'
import { patiently, runFailure } from './patience.ts'
import type { JobError, RunKey } from './ports.ts'
import { RunError } from './process.ts'
import { arePrincipals, soundAcl } from './sound.ts'

type Waits = Omit<SyncOptions, 'job' | 'record' | 'parser' | 'abort'>

const parts: ReadonlySet<string> = new Set(['forbidden', 'not_found', 'unprocessable'])
/** These errors pass; any other would be the same the next time. */
const passing: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'cursor_expired'])

/** Access lists and groups during a job. Without them it goes on: the last known ones stay, and the job says so. */
export class Access {
  /** Why they are not what the source says now. */
  trouble: JobError | undefined
  readonly #o: Waits

  constructor(options: Waits) {
    this.#o = options
  }

  /** Of entries that do not carry their own. One that cannot be had keeps what is stored; `later` it may be had. */
  async lists(
    entries: readonly Entry[],
  ): Promise<{ readonly acls: ReadonlyMap<string, Acl>; readonly later: boolean }> {
    const { connector, opened, signal } = this.#o
    const { permissions } = connector
    const without = entries.filter((entry) => entry.acl === undefined)
    const acls = new Map<string, Acl>()
    if (!permissions || without.length === 0) return { acls, later: false }
    try {
      await patiently(this.#o, async () => {
        for await (const { id, acl } of iterate(permissions.acls(opened.session, without, opened.run), signal))
          acls.set(id, opened.redactor.value(soundAcl(acl)))
      })
      return { acls, later: false }
    } catch (error) {
      const { code } = this.note('Access lists', error)
      if (code === 'unauthenticated') throw error
      return { acls, later: passing.has(code) }
    }
  }

  /** Reads all groups anew, where the source has them. */
  async groups(key: RunKey): Promise<void> {
    if (!this.#o.connector.permissions?.groups) return
    try {
      await syncGroups(this.#o, key)
    } catch (error) {
      this.note('Groups', error)
    }
  }

  /** Says once in the job, and each time in the log, what could not be had. */
  note(what: string, error: unknown): Failure {
    const { code, message } = error instanceof RunError ? (error as Failure) : runFailure(this.#o, error)
    const says = `${what} could not be read; the last known ones stay.`
    this.trouble ??= { code, message: `${says} ${message}` }
    this.#o.opened.run.log.warn(says, { code, error: message })
    return { code, message }
  }
}

/** Whether only a part of what was asked for cannot be had: what came before it is known all the same. */
export function concernsPart(error: unknown): boolean {
  return isConnectorError(error) && parts.has(error.code)
}

/**
 * Writes every group as the source lists it now, and drops the others once all are there.
 *
 * @throws ConnectorError when some could not be seen: the others are written, and these stay as they were
 */
export async function syncGroups(waits: Waits, key: RunKey): Promise<void> {
  const { connector, opened, signal } = waits
  const { session, run, redactor } = opened
  const groups = connector.permissions?.groups
  if (!groups) return
  const store = untilAborted(waits.store, signal)
  const hidden = await patiently(waits, async () => {
    try {
      for await (const group of iterate(groups(session, run), signal)) {
        if (!arePrincipals(group.members)) throw new TypeError('A group has members that are no principals.')
        await store.putGroups(key, [redactor.value(group)])
      }
      return undefined
    } catch (error) {
      if (!concernsPart(error)) throw error
      return error
    }
  })
  await store.finishGroups(key, hidden !== undefined)
  if (hidden !== undefined) throw hidden
}
