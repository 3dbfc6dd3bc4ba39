import type { Acl, Principal, Run } from '@cx/core'
import { type ClientOptions, NotionClient } from './client.ts'
import { Comments } from './comments.ts'
import type { Config } from './config.ts'
import { idsIn } from './ids.ts'
import { Pages } from './pages.ts'
import { Titles } from './titles.ts'
import { Tree } from './tree.ts'
import type { Me } from './types.ts'

/** What every verb works with. */
export interface NotionRun extends Run<Config> {
  readonly session: Session
}

/** One run's connection: the client, and what was read once for all documents. */
export class Session {
  readonly client: NotionClient
  readonly tree: Tree
  readonly pages: Pages
  readonly titles: Titles
  readonly rootPages: ReadonlySet<string>
  readonly databases: ReadonlySet<string>
  readonly comments: Comments | undefined
  readonly #config: Config
  #me: Promise<Me> | undefined

  constructor(config: Config, options: Omit<ClientOptions, 'apiUrl'>) {
    this.client = new NotionClient({ ...options, apiUrl: config.apiUrl })
    this.tree = new Tree(this.client)
    this.pages = new Pages(this.client)
    this.titles = new Titles(this.client)
    this.comments = config.includeComments ? new Comments(this.client) : undefined
    this.rootPages = new Set(idsIn(config.rootPages, 'rootPages'))
    this.databases = new Set(idsIn(config.databases, 'databases'))
    this.#config = config
  }

  /** Whether only configured parts are indexed. */
  get isScoped(): boolean {
    return this.rootPages.size + this.databases.size > 0
  }

  /** Whose connection this is; asked once. */
  readonly me = (signal: AbortSignal): Promise<Me> => {
    this.#me ??= this.client.get<Me>('users/me', signal).catch((error: unknown) => {
      this.#me = undefined
      throw error
    })
    return this.#me
  }

  /** Who may read, as configured: Notion's API does not tell. Undefined: not known. */
  aclOf(me: Me, isPublic: boolean): Acl | undefined {
    const { access, readers, publicPages } = this.#config
    if (isPublic && publicPages) return { allOf: [[{ type: 'anyone' }]] }
    if (access === 'workspace') return { allOf: [[{ type: 'group', id: membersOf(me) }]] }
    if (access === 'readers')
      return { allOf: [readers.map((email): Principal => ({ type: 'user', id: email, email }))] }
    const owner = me.bot?.owner?.user
    if (!owner) return undefined
    const email = owner.person?.email
    return { allOf: [[{ type: 'user', id: owner.id, ...(email ? { email } : {}) }]] }
  }
}

/** The group of everyone in the workspace. */
export function membersOf(me: Me): string {
  return `notion:${me.bot?.workspace_id ?? me.id}:members`
}
