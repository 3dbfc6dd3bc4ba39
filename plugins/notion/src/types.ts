/** The parts of Notion's objects that documents are made of. https://developers.notion.com/reference/intro */
export interface Parent {
  readonly type: string
  readonly page_id?: string
  readonly block_id?: string
  readonly database_id?: string
  readonly data_source_id?: string
}

export interface RichText {
  readonly plain_text?: string
  readonly href?: string | null
}

export interface Property {
  readonly id?: string
  readonly type: string
  readonly [value: string]: unknown
}

export interface Page {
  readonly object: 'page'
  readonly id: string
  readonly parent: Parent
  readonly properties: Readonly<Record<string, Property>>
  readonly url: string
  readonly public_url?: string | null
  /** Floored to the minute, as are all of Notion's times. */
  readonly created_time: string
  readonly last_edited_time: string
  readonly in_trash: boolean
  readonly is_archived?: boolean
}

export interface DataSource {
  readonly object: 'data_source'
  readonly id: string
  readonly parent: Parent
  /** Where the database itself lies. */
  readonly database_parent?: Parent
  readonly title: readonly RichText[]
  readonly description?: readonly RichText[]
  readonly properties: Readonly<Record<string, Property>>
  readonly url: string
  readonly public_url?: string | null
  readonly created_time: string
  readonly last_edited_time: string
  readonly in_trash: boolean
}

export interface Database {
  readonly object: 'database'
  readonly id: string
  readonly parent: Parent
  readonly in_trash?: boolean
  readonly title?: readonly RichText[]
  readonly data_sources: readonly { readonly id: string; readonly name?: string }[]
}

/** A page or data source; without `parent` where the connection may see its id and nothing else. */
export type Item = Page | DataSource

export interface List<T> {
  readonly results: readonly T[]
  readonly has_more: boolean
  readonly next_cursor: string | null
  /** https://developers.notion.com/reference/request-limits: `incomplete` when Notion cut the result off. */
  readonly request_status?: { readonly type: string; readonly incomplete_reason?: string }
}

export interface PageMarkdown {
  readonly markdown: string
  readonly truncated: boolean
  readonly unknown_block_ids: readonly string[]
}

export interface Person {
  readonly id: string
  readonly type?: string
  readonly name?: string | null
  readonly person?: { readonly email?: string }
}

/** `GET /v1/users/me`. */
export interface Me {
  readonly id: string
  readonly name?: string | null
  readonly bot?: {
    readonly owner?: { readonly type: string; readonly user?: Person }
    readonly workspace_id?: string
    readonly workspace_name?: string | null
  }
}

export interface Comment {
  readonly id: string
  readonly last_edited_time?: string
  readonly created_time: string
  readonly rich_text: readonly RichText[]
  readonly display_name?: { readonly resolved_name?: string | null }
}
