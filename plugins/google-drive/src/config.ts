import type { Infer } from '@cx/core'

/** The configuration schema; forms, validation and types come from it. */
export const config = {
  type: 'object',
  additionalProperties: false,
  properties: {
    folderIds: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      title: 'Folders',
      description:
        'Ids or addresses of folders; everything below them. Without folders and shared drives: all of Drive.',
      examples: [['https://drive.google.com/drive/folders/1AbC']],
    },
    sharedDriveIds: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: [],
      title: 'Shared drives',
      description: 'Ids or addresses of shared drives; only these (and the folders above) are synced.',
    },
    includeMyDrive: {
      type: 'boolean',
      default: true,
      title: 'My Drive',
      description: 'Where no folder or shared drive is named.',
    },
    includeSharedWithMe: {
      type: 'boolean',
      default: true,
      title: 'Shared with me',
      description: 'Where no folder or shared drive is named.',
    },
    includeSharedDrives: {
      type: 'boolean',
      default: true,
      title: 'All shared drives',
      description: 'That the account is a member of; where no folder or shared drive is named.',
    },
    corpus: {
      enum: ['user', 'domain'],
      default: 'user',
      title: 'Files outside shared drives',
      description:
        "The account's own and what was shared with it, or all that is shared with its whole domain (no change feed: every sync lists).",
    },
    includeMimeTypes: {
      type: 'array',
      items: { type: 'string', pattern: '^[^/\\s]+/[^/\\s]+$' },
      default: [],
      title: 'Only these types',
      description:
        'MIME types at Google, such as "application/pdf", "image/*", "application/vnd.google-apps.document".',
    },
    excludeMimeTypes: {
      type: 'array',
      items: { type: 'string', pattern: '^[^/\\s]+/[^/\\s]+$' },
      default: [],
      title: 'Not these types',
      description: 'They win over the types above.',
    },
    followShortcuts: {
      type: 'boolean',
      default: true,
      title: 'Follow shortcuts',
      description: 'To files that are not listed anyway. Shortcuts to folders are not followed.',
    },
    linkShares: {
      enum: ['ignore', 'grant'],
      default: 'ignore',
      title: 'Shares by link',
      description: 'Whoever has the link may read: leave it out of access lists, or let such people find the document.',
    },
    respectGenAiRestriction: {
      type: 'boolean',
      default: true,
      title: 'Leave out what AI may not use',
      description: 'Files whose owner or administrator has turned off access by AI.',
    },
    acknowledgeAbuse: {
      type: 'boolean',
      default: false,
      title: 'Download files that Google takes for malware',
    },
    groupMembers: {
      type: 'boolean',
      default: false,
      title: 'Read members of groups',
      description: 'Needs a service account acting for an administrator, with the Directory scopes.',
    },
    quotaUnitsPerMinute: {
      type: 'integer',
      minimum: 0,
      default: 0,
      title: 'Quota units a minute',
      description:
        '0: as fast as Google answers, pausing when it refuses. Google Cloud projects made since May 2026 have 325000 for each user.',
    },
    apiUrl: {
      type: 'string',
      pattern: '^https?://',
      default: 'https://www.googleapis.com',
      title: 'API address',
      description: 'With or without /drive/v3.',
    },
  },
} as const

export type Config = Infer<typeof config>

/** An id as it stands, or out of an address of Drive: /folders/ID, /drives/ID, /d/ID, ?id=ID. */
export function idOf(text: string): string {
  const trimmed = text.trim()
  const found = /(?:^|\/)(?:folders|drives|d)\/([\w-]+)/.exec(trimmed) ?? /[?&]id=([\w-]+)/.exec(trimmed)
  return found?.[1] ?? trimmed
}

/** Whether a source type is asked for. */
export function createTypeFilter({ includeMimeTypes, excludeMimeTypes }: Config): (mimeType: string) => boolean {
  const matches = (patterns: readonly string[], type: string) =>
    patterns.some((pattern) =>
      pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1).toLowerCase()) : type === pattern.toLowerCase(),
    )
  return (mimeType) => {
    const type = mimeType.toLowerCase()
    return !matches(excludeMimeTypes, type) && (includeMimeTypes.length === 0 || matches(includeMimeTypes, type))
  }
}
