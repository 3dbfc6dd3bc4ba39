import type { DataSourceObjectResponse, PageObjectResponse } from '@notionhq/client'

type PageParent = PageObjectResponse['parent']
type Properties = PageObjectResponse['properties']

export interface FakePage {
  readonly page: PageObjectResponse
  body: string
  /** Bodies of blocks that the endpoint leaves out, by block id. */
  readonly parts: Map<string, { markdown: string; unknown?: string[] }>
  unknown: string[]
  truncated: boolean
  /** Search does not find it. */
  hidden: boolean
  comments: string[]
  /** The Markdown endpoint does not know it. */
  textless?: boolean
}

const minute = 60_000
export const person = { object: 'user', id: '00000000-0000-4000-8000-0000000000aa' } as const

/** What a Notion workspace holds, and the ways people edit it. Each edit is a minute after the last. */
export class Workspace {
  readonly pages = new Map<string, FakePage>()
  readonly sources = new Map<string, { source: DataSourceObjectResponse; hidden: boolean; unqueryable?: boolean }>()
  /** A moment of the past that moves on with each edit. */
  now = Date.parse('2026-02-01T08:00:00Z')
  #ids = 0

  id(): string {
    return `20000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}`
  }

  /** A page: under the workspace unless told. */
  page(
    title: string,
    body = '',
    {
      parent = { type: 'workspace', workspace: true },
      properties = {},
      hidden = false,
    }: {
      parent?: PageParent
      properties?: Properties
      hidden?: boolean
    } = {},
  ): FakePage {
    const id = this.id()
    const time = this.tick()
    const page: PageObjectResponse = {
      object: 'page',
      id,
      created_time: time,
      last_edited_time: time,
      in_trash: false,
      archived: false,
      is_archived: false,
      is_locked: false,
      url: `https://www.notion.so/${id.replaceAll('-', '')}`,
      public_url: null,
      parent,
      properties: { Name: titleProperty(title), ...properties },
      icon: null,
      cover: null,
      created_by: person,
      last_edited_by: person,
    }
    const made: FakePage = { page, body, parts: new Map(), unknown: [], truncated: false, hidden, comments: [] }
    this.pages.set(id, made)
    return made
  }

  under(parent: FakePage): PageParent {
    return { type: 'page_id', page_id: parent.page.id }
  }

  row(source: DataSourceObjectResponse, title: string, body = '', properties: Properties = {}): FakePage {
    return this.page(title, body, { parent: this.in(source), properties })
  }

  in(source: DataSourceObjectResponse): PageParent {
    const { database_id } = source.parent as { database_id: string }
    return { type: 'data_source_id', data_source_id: source.id, database_id }
  }

  /** A data source; of a database of its own unless told. */
  source(
    title: string,
    {
      databaseId = this.id(),
      parent = { type: 'workspace', workspace: true },
      hidden = false,
    }: { databaseId?: string; parent?: DataSourceObjectResponse['database_parent']; hidden?: boolean } = {},
  ): DataSourceObjectResponse {
    const id = this.id()
    const time = this.tick()
    const source: DataSourceObjectResponse = {
      object: 'data_source',
      id,
      title: richText(title),
      description: [],
      parent: { type: 'database_id', database_id: databaseId },
      database_parent: parent,
      is_inline: false,
      in_trash: false,
      archived: false,
      created_time: time,
      last_edited_time: time,
      created_by: person,
      last_edited_by: person,
      properties: { Name: { id: 'title', name: 'Name', description: null, type: 'title', title: {} } },
      icon: null,
      cover: null,
      url: `https://www.notion.so/${databaseId.replaceAll('-', '')}`,
      public_url: null,
    }
    this.sources.set(id, { source, hidden })
    return source
  }

  edit(page: FakePage, body: string): void {
    page.body = body
    page.page.last_edited_time = this.tick()
  }

  retitle(page: FakePage, title: string): void {
    page.page.properties.Name = titleProperty(title)
    page.page.last_edited_time = this.tick()
  }

  move(page: FakePage, parent: PageParent): void {
    page.page.parent = parent
    page.page.last_edited_time = this.tick()
  }

  trash(page: FakePage): void {
    page.page.in_trash = true
    page.page.last_edited_time = this.tick()
  }

  /** A minute later, floored as Notion does. */
  tick(): string {
    this.now += minute
    return new Date(Math.floor(this.now / minute) * minute).toISOString()
  }
}

export function richText(text: string): DataSourceObjectResponse['title'] {
  return [
    {
      type: 'text',
      text: { content: text, link: null },
      plain_text: text,
      href: null,
      annotations: {
        bold: false,
        italic: false,
        strikethrough: false,
        underline: false,
        code: false,
        color: 'default',
      },
    },
  ]
}

function titleProperty(title: string): Properties[string] {
  return { id: 'title', type: 'title', title: richText(title) }
}
