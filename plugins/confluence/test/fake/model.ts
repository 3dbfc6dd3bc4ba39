export interface FakeSpace {
  readonly id: string
  key: string
  name: string
  type: 'global' | 'personal'
  status: 'current' | 'archived'
  /** Earlier key that still leads here. */
  alias?: string
  /** Not visible to our account. */
  hidden?: boolean
  permissions: { principal: { type: string; id: string }; operation: { key: string; targetType: string } }[]
  assignments: { principal: { principalType: string; principalId: string } }[]
}

export interface FakeContent {
  readonly id: string
  readonly type: 'page' | 'blogpost' | 'folder' | 'attachment' | 'comment'
  title: string
  spaceKey: string
  parentId?: string | undefined
  status: 'current' | 'archived' | 'trashed'
  version: number
  body: string
  readonly createdAt: number
  modifiedAt: number
  author: string
  /** View restrictions. */
  users: string[]
  groups: string[]
  containerId?: string
  mediaType?: string
  bytes?: Uint8Array | number
  labels: string[]
  about?: string
  /** Cannot be seen by our account. */
  hidden?: boolean
  /** Any list that holds it fails. */
  poisoned?: boolean
  /** The search does not know it yet. */
  unindexed?: boolean
}

export interface FakeUser {
  readonly id: string
  readonly name: string
  readonly email?: string
}

export interface FakeGroup {
  readonly id: string
  readonly name: string
  members: string[]
}

/** What is in a Confluence, and the ways in which people change it. */
export class Model {
  readonly spaces: FakeSpace[] = []
  readonly contents: Map<string, FakeContent> = new Map()
  readonly users: Map<string, FakeUser> = new Map()
  readonly groups: FakeGroup[] = []
  roleMode: 'PRE_ROLES' | 'ROLES_TRANSITION' | 'ROLES' = 'PRE_ROLES'
  /** By which its clock is ahead of ours. */
  aheadMs = 0
  #ids = 1000
  #clock = 0

  /** By its own clock. */
  now(): number {
    return Date.now() + this.aheadMs
  }

  /** Milliseconds that never repeat, so that order by time is order of edits. */
  tick(): number {
    this.#clock = Math.max(this.now(), this.#clock + 1)
    return this.#clock
  }

  space(key: string, more: Partial<FakeSpace> = {}): FakeSpace {
    const space: FakeSpace = {
      id: String(++this.#ids),
      key,
      name: `Space ${key}`,
      type: key.startsWith('~') ? 'personal' : 'global',
      status: 'current',
      permissions: [],
      assignments: [],
      ...more,
    }
    this.spaces.push(space)
    return space
  }

  user(id: string, name: string, email?: string): FakeUser {
    const user = { id, name, ...(email ? { email } : {}) }
    this.users.set(id, user)
    return user
  }

  group(id: string, name: string, members: string[] = []): FakeGroup {
    const group = { id, name, members }
    this.groups.push(group)
    return group
  }

  add(type: FakeContent['type'], spaceKey: string, title: string, more: Partial<FakeContent> = {}): FakeContent {
    const at = this.tick()
    const content: FakeContent = {
      id: `${type === 'attachment' ? 'att' : ''}${++this.#ids}`,
      type,
      title,
      spaceKey,
      status: 'current',
      version: 1,
      body: '',
      createdAt: at,
      modifiedAt: at,
      author: 'u-ada',
      users: [],
      groups: [],
      labels: [],
      ...more,
    }
    this.contents.set(content.id, content)
    return content
  }

  page(spaceKey: string, title: string, body: string, more: Partial<FakeContent> = {}): FakeContent {
    return this.add('page', spaceKey, title, { body, ...more })
  }

  edit(content: FakeContent, change: Partial<FakeContent>): void {
    Object.assign(content, change, { version: content.version + 1, modifiedAt: this.tick() })
  }

  /** To the bin, with its attachments. It makes no version. */
  trash(content: FakeContent): void {
    content.status = 'trashed'
  }

  /** A folder by its path, made when it is not there. */
  folder(spaceKey: string, path: readonly string[]): FakeContent | undefined {
    let parent: FakeContent | undefined
    for (const title of path) {
      const here = [...this.contents.values()].find(
        (one) => one.type === 'folder' && one.title === title && one.parentId === parent?.id,
      )
      parent = here ?? this.add('folder', spaceKey, title, { parentId: parent?.id })
    }
    return parent
  }

  find(spaceKey: string, title: string): FakeContent | undefined {
    return [...this.contents.values()].find(
      (one) => one.spaceKey === spaceKey && one.title === title && one.type !== 'folder' && one.status !== 'trashed',
    )
  }

  ancestors(content: FakeContent): FakeContent[] {
    const above: FakeContent[] = []
    for (let parent = this.parentOf(content); parent; parent = this.parentOf(parent)) above.unshift(parent)
    return above
  }

  parentOf(content: FakeContent): FakeContent | undefined {
    return content.parentId === undefined ? undefined : this.contents.get(content.parentId)
  }

  /** What our account sees of it: nothing when it, something above it, or its space is hidden. */
  sees(content: FakeContent): boolean {
    if (content.hidden || this.spaces.find(({ key }) => key === content.spaceKey)?.hidden) return false
    const holder = content.containerId === undefined ? undefined : this.contents.get(content.containerId)
    return [...this.ancestors(content), ...(holder ? [holder] : [])].every((one) => !one.hidden)
  }
}
