import type { Acl, Principal } from '@cx/core'
import type { Config } from './config.ts'
import { concernsPart, reasonOf } from './errors.ts'
import type { DriveFile, DrivePermission } from './item.ts'
import type { Place } from './place.ts'
import type { Session } from './session.ts'

/** What holds for a folder, a drive or one file: who may read, and by which permissions. */
interface Grant {
  readonly acl: Acl
  /** Sorted and joined. */
  readonly ids: string
  /** Whether the same ids mean the same readers elsewhere: an id names a person or a group for all files alike. */
  readonly stable: boolean
}

const mostGrants = 20_000

/** Who may read which file, with as few calls as Drive allows. */
export class Access {
  readonly #session: Session
  readonly #grants = new Map<string, Promise<Grant>>()
  /** By drive and permission ids. */
  readonly #byIds = new Map<string, Acl>()

  constructor(session: Session) {
    this.#session = session
  }

  /** Permissions changed: asks again. */
  forget(id: string): void {
    this.#grants.delete(id)
  }

  /** The change feed read so far may have been older than what a listing begins with. */
  forgetAll(): void {
    this.#grants.clear()
    this.#byIds.clear()
  }

  /** Outside shared drives the listing holds the permissions, where the account may see them. Undefined: not known. */
  async of(file: DriveFile, place: Place, signal: AbortSignal): Promise<Acl | undefined> {
    const { driveId, permissions } = file
    try {
      if (driveId !== undefined && place.kind === 'drive') return await this.#inDrive(file, place, driveId, signal)
      if (permissions) return toAcl(permissions, this.#session.config)
      if (driveId === undefined) return await this.#onlyMe(signal)
      // Given to this account alone, out of a shared drive of others.
      return (await this.#grant(file.id, signal)).acl
    } catch (error) {
      if (!concernsPart(error)) throw error
      return undefined
    }
  }

  /**
   * Items of a shared drive have the readers of the nearest folder with permissions of its own, or of the drive. The
   * permission ids of the listing prove it; where they say otherwise the item is asked.
   */
  async #inDrive(file: DriveFile, place: Place, driveId: string, signal: AbortSignal): Promise<Acl> {
    const own = file.hasAugmentedPermissions === true || file.inheritedPermissionsDisabled === true
    const ids = file.permissionIds && [...file.permissionIds].sort().join(' ')
    const key = `${driveId} ${ids}`
    if (own) return (await this.#grant(file.id, signal)).acl
    const known = ids === undefined ? undefined : this.#byIds.get(key)
    if (known) return known
    const unknown = ids === undefined && file.hasAugmentedPermissions === undefined
    if (unknown) return (await this.#grant(file.id, signal)).acl
    const above = place.folders.find((folder) => folder.own)
    const inherited = await this.#grant(above?.id ?? driveId, signal)
    if (ids === undefined || ids === inherited.ids) return inherited.acl
    const asked = await this.#grant(file.id, signal)
    if (asked.stable && asked.ids === ids && above === undefined) this.#remember(key, asked.acl)
    return asked.acl
  }

  #grant(id: string, signal: AbortSignal): Promise<Grant> {
    let grant = this.#grants.get(id)
    if (grant === undefined) {
      grant = this.#ask(id, signal)
      grant.catch(() => this.#grants.delete(id))
      this.#grants.set(id, grant)
      if (this.#grants.size > mostGrants) this.#grants.delete(this.#grants.keys().next().value!)
    }
    return grant
  }

  async #ask(id: string, signal: AbortSignal): Promise<Grant> {
    const { client, config } = this.#session
    try {
      const permissions = await client.permissions(id, signal)
      return {
        acl: toAcl(permissions, config),
        ids: permissions
          .map((permission) => permission.id)
          .sort()
          .join(' '),
        stable: permissions.every(
          (one) => (one.type === 'user' || one.type === 'group') && !one.expirationTime && !one.view && !one.deleted,
        ),
      }
    } catch (error) {
      // Readers may not see who else reads: then only the account itself is known to.
      if (reasonOf(error) !== 'insufficientFilePermissions') throw error
      return { acl: await this.#onlyMe(signal), ids: '', stable: false }
    }
  }

  async #onlyMe(signal: AbortSignal): Promise<Acl> {
    const { emailAddress } = await this.#session.me(signal)
    return { allOf: [emailAddress ? [user(emailAddress)] : []] }
  }

  #remember(key: string, acl: Acl): void {
    this.#byIds.set(key, acl)
    if (this.#byIds.size > mostGrants) this.#byIds.delete(this.#byIds.keys().next().value!)
  }
}

/** Whom these permissions let read and find. https://developers.google.com/workspace/drive/api/guides/manage-sharing */
export function toAcl(
  permissions: readonly DrivePermission[],
  { linkShares }: Pick<Config, 'linkShares'>,
  now: number = Date.now(),
): Acl {
  const readers = new Map<string, Principal>()
  for (const permission of permissions) {
    const { type, emailAddress, domain, allowFileDiscovery, expirationTime } = permission
    // A permission for a view does not let read the file itself: its name alone, or what was published of it.
    if (permission.deleted || permission.view) continue
    if (expirationTime !== undefined && Date.parse(expirationTime) <= now) continue
    const linkOnly = allowFileDiscovery === false || permission.id === 'anyoneWithLink'
    if ((type === 'domain' || type === 'anyone') && linkOnly && linkShares === 'ignore') continue
    const principal = principalOf(type, emailAddress, domain, permission.id)
    if (principal) readers.set(`${type} ${'id' in principal ? principal.id : ''}`, principal)
  }
  return { allOf: [[...readers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, principal]) => principal)] }
}

function principalOf(
  type: string,
  email: string | undefined,
  domain: string | undefined,
  id: string,
): Principal | undefined {
  if (type === 'user') return email ? user(email) : { type, id: `google:${id}` }
  if (type === 'group') return email ? group(email) : undefined
  if (type === 'domain') return domain ? { type, id: domain.toLowerCase() } : undefined
  return type === 'anyone' ? { type } : undefined
}

export function user(email: string): Principal {
  return { type: 'user', id: email.toLowerCase(), email }
}

export function group(email: string): Extract<Principal, { type: 'group' }> {
  return { type: 'group', id: `google:${email.toLowerCase()}` }
}
