import { type Files, GitStore } from './git.ts'

export interface Account {
  readonly id: number
  readonly login: string
  readonly type: 'User' | 'Organization'
  readonly email?: string
}

export interface FakeComment {
  readonly user: string
  readonly body: string
  readonly created_at: string
  readonly path?: string
}

export interface FakeIssue {
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  readonly user: string
  labels: string[]
  readonly created_at: string
  updated_at: string
  readonly comments: FakeComment[]
  readonly pull?: {
    readonly reviews: {
      readonly user: string
      readonly state: string
      readonly body: string
      readonly comments: FakeComment[]
    }[]
  }
}

export interface FakeRelease {
  readonly id: number
  readonly tag: string
  name: string
  body: string
  readonly draft?: boolean
}

let lastId = 1000

export class FakeRepo {
  readonly id: number = ++lastId
  readonly git: GitStore = new GitStore()
  readonly branches = new Map<string, string>()
  /** Numeric account ids. */
  readonly collaborators = new Set<number>()
  readonly issues: FakeIssue[] = []
  readonly discussions: FakeIssue[] = []
  readonly releases: FakeRelease[] = []
  /** Left out of archives, as by `export-ignore`. */
  readonly exportIgnore = new Set<string>()
  /** Other bytes in archives, as by `export-subst`. */
  readonly exportSubst = new Map<string, string>()
  owner: Account
  name: string
  visibility: 'public' | 'private' | 'internal' = 'public'
  defaultBranch = 'main'
  fork = false
  archived = false
  disabled = false
  #files: Files = {}

  constructor(owner: Account, name: string) {
    this.owner = owner
    this.name = name
  }

  get fullName(): string {
    return `${this.owner.login}/${this.name}`
  }

  get head(): string | undefined {
    return this.branches.get(this.defaultBranch)
  }

  /** Replaces the whole tree of a branch; history plays no part here. */
  commit(files: Files, branch: string = this.defaultBranch): string {
    const sha = this.git.commit(files)
    this.branches.set(branch, sha)
    this.#files = files
    return sha
  }

  /** Changes some files; null deletes. */
  edit(edits: Readonly<Record<string, Files[string] | null>>): string {
    const next: Record<string, Files[string]> = { ...this.#files }
    for (const [path, value] of Object.entries(edits))
      if (value === null) delete next[path]
      else next[path] = value
    return this.commit(next)
  }

  rename(from: string, to: string): void {
    this.edit({ [to]: this.#files[from]!, [from]: null })
  }

  /** As after a force-push and a garbage collection: only a new commit of the same tree is left. */
  forgetHistory(): void {
    const head = this.commit(this.#files)
    const tree = this.git.commits.get(head)!
    this.git.commits.clear()
    this.git.commits.set(head, tree)
  }

  addIssue(issue: Partial<FakeIssue> & { readonly number: number; readonly title: string }): FakeIssue {
    const made: FakeIssue = {
      body: 'text',
      state: 'open',
      user: 'ann',
      labels: [],
      created_at: `2026-01-01T00:${String(issue.number % 60).padStart(2, '0')}:00Z`,
      updated_at: `2026-02-01T00:${String(issue.number % 60).padStart(2, '0')}:00Z`,
      comments: [],
      ...issue,
    }
    this.issues.push(made)
    return made
  }

  json(): Record<string, unknown> {
    return {
      id: this.id,
      node_id: `R_${this.id}`,
      name: this.name,
      full_name: this.fullName,
      owner: { id: this.owner.id, login: this.owner.login, type: this.owner.type, node_id: `U_${this.owner.id}` },
      private: this.visibility !== 'public',
      visibility: this.visibility,
      html_url: `https://github.com/${this.fullName}`,
      default_branch: this.defaultBranch,
      fork: this.fork,
      archived: this.archived,
      disabled: this.disabled,
      has_issues: true,
    }
  }
}
