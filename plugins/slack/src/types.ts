/** The parts of Slack's objects that documents are made of. https://docs.slack.dev/reference/objects */
export interface Message {
  readonly ts: string
  readonly type?: string
  readonly subtype?: string
  readonly user?: string
  readonly username?: string
  /** Given for people of other workspaces, whom no list names. */
  readonly user_profile?: { readonly display_name?: string; readonly real_name?: string }
  readonly bot_id?: string
  readonly text?: string
  readonly blocks?: readonly Block[]
  readonly attachments?: readonly Attachment[]
  readonly files?: readonly SlackFile[]
  readonly edited?: { readonly ts?: string }
  readonly thread_ts?: string
  readonly reply_count?: number
  readonly latest_reply?: string
  /** In exports: where the replies are. */
  readonly replies?: readonly { readonly ts: string }[]
}

/** A block or an element of one: Slack nests them freely. */
export interface Block {
  readonly type: string
  readonly text?: string | { readonly type?: string; readonly text?: string }
  readonly elements?: readonly Block[]
  readonly fields?: readonly { readonly type?: string; readonly text?: string }[]
  readonly title?: string | { readonly text?: string }
  readonly alt_text?: string
  readonly image_url?: string
  readonly title_url?: string
  readonly style?: string | Readonly<Record<string, boolean>>
  readonly indent?: number
  readonly offset?: number
  readonly url?: string
  readonly user_id?: string
  readonly usergroup_id?: string
  readonly channel_id?: string
  readonly name?: string
  readonly unicode?: string
  readonly range?: string
  readonly value?: string
  readonly timestamp?: number
  readonly fallback?: string
  readonly rows?: readonly (readonly Block[])[]
}

export interface Attachment {
  readonly pretext?: string
  readonly author_name?: string
  readonly title?: string
  readonly title_link?: string
  readonly text?: string
  readonly fallback?: string
  readonly fields?: readonly { readonly title?: string; readonly value?: string }[]
  readonly blocks?: readonly Block[]
  readonly message_blocks?: readonly { readonly message?: { readonly blocks?: readonly Block[] } }[]
  readonly footer?: string
}

export interface SlackFile {
  readonly id: string
  readonly name?: string | null
  readonly title?: string | null
  readonly mimetype?: string
  readonly size?: number
  readonly mode?: string
  readonly created?: number
  readonly timestamp?: number
  readonly updated?: number
  readonly user?: string
  readonly permalink?: string
  readonly url_private?: string
  readonly url_private_download?: string
  readonly is_external?: boolean
  readonly file_access?: string
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly is_private?: boolean
  readonly is_member?: boolean
  readonly is_archived?: boolean
  readonly is_ext_shared?: boolean
  readonly is_im?: boolean
  readonly is_mpim?: boolean
  readonly previous_names?: readonly string[]
}

export interface User {
  readonly id: string
  readonly name?: string
  readonly real_name?: string
  readonly deleted?: boolean
  readonly is_bot?: boolean
  readonly is_restricted?: boolean
  readonly is_ultra_restricted?: boolean
  readonly is_stranger?: boolean
  readonly team_id?: string
  readonly enterprise_user?: { readonly teams?: string[] }
  readonly profile?: { readonly display_name?: string; readonly real_name?: string; readonly email?: string }
}

/** Who we are, by `auth.test`. */
export interface Identity {
  readonly team: string
  readonly teamId: string
  readonly user: string
  /** The workspace's own address, with a slash at its end. */
  readonly url: string
  /** What the token may do; undefined where Slack does not say. */
  readonly scopes: ReadonlySet<string> | undefined
}
