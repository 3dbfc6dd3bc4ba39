export const folderType = 'application/vnd.google-apps.folder'
export const shortcutType = 'application/vnd.google-apps.shortcut'

export interface DriveUser {
  readonly emailAddress?: string
  readonly displayName?: string
  readonly permissionId?: string
}

/** https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions */
export interface DrivePermission {
  readonly id: string
  readonly type: 'user' | 'group' | 'domain' | 'anyone'
  readonly role?: string
  readonly emailAddress?: string
  readonly domain?: string
  readonly allowFileDiscovery?: boolean
  readonly deleted?: boolean
  readonly expirationTime?: string
  readonly view?: string
}

/** What is asked of a file; https://developers.google.com/workspace/drive/api/reference/rest/v3/files */
export interface DriveFile {
  readonly id: string
  readonly name?: string
  readonly mimeType?: string
  readonly description?: string
  readonly parents?: readonly string[]
  readonly driveId?: string
  readonly createdTime?: string
  readonly modifiedTime?: string
  readonly headRevisionId?: string
  readonly md5Checksum?: string
  readonly size?: string
  readonly webViewLink?: string
  readonly trashed?: boolean
  readonly ownedByMe?: boolean
  readonly sharedWithMeTime?: string
  readonly viewedByMeTime?: string
  readonly owners?: readonly DriveUser[]
  readonly lastModifyingUser?: DriveUser
  readonly shortcutDetails?: {
    readonly targetId?: string
    readonly targetMimeType?: string
    readonly targetResourceKey?: string
  }
  readonly resourceKey?: string
  readonly hasAugmentedPermissions?: boolean
  readonly inheritedPermissionsDisabled?: boolean
  readonly permissionIds?: readonly string[]
  readonly permissions?: readonly DrivePermission[]
  readonly capabilities?: { readonly canDownload?: boolean; readonly canAccessViaGenAi?: boolean }
  readonly exportLinks?: Readonly<Record<string, string>>
}

export const permissionFields = 'id,type,role,emailAddress,domain,allowFileDiscovery,deleted,expirationTime,view'

const common = [
  'id,name,mimeType,description,parents,driveId,createdTime,modifiedTime,headRevisionId,md5Checksum,size,webViewLink,trashed',
  'ownedByMe,sharedWithMeTime,viewedByMeTime,owners(emailAddress,displayName),lastModifyingUser(emailAddress,displayName)',
  'shortcutDetails(targetId,targetMimeType,targetResourceKey),resourceKey',
  'hasAugmentedPermissions,inheritedPermissionsDisabled,permissionIds,capabilities(canDownload,canAccessViaGenAi)',
].join(',')

/** Permissions come with files outside shared drives only, and make pages smaller: they are not asked for inside. */
export const fileFields: { readonly user: string; readonly drive: string } = {
  user: `${common},permissions(${permissionFields})`,
  drive: common,
}

/** What a place in a path needs. */
export const folderFields =
  'id,name,mimeType,parents,driveId,trashed,hasAugmentedPermissions,inheritedPermissionsDisabled,permissionIds,shortcutDetails(targetId,targetMimeType,targetResourceKey)'

/** A file, and where it was found when that is not its own place. */
export interface Found {
  readonly file: DriveFile
  /** The shortcut that led to it. */
  readonly at?: DriveFile
}
