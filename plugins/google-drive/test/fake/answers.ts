const userFields = ['emailAddress', 'displayName', 'permissionId']
const file =
  'id name mimeType description parents driveId createdTime modifiedTime headRevisionId md5Checksum size webViewLink trashed ownedByMe sharedWithMeTime viewedByMeTime owners lastModifyingUser shortcutDetails resourceKey hasAugmentedPermissions inheritedPermissionsDisabled permissionIds permissions capabilities exportLinks version starred'.split(
    ' ',
  )
/** What each kind of resource has. */
export const schema: Readonly<Record<string, readonly string[]>> = {
  '': [...file, 'nextPageToken', 'newStartPageToken', 'incompleteSearch', 'files', 'drives', 'changes', 'user'],
  files: file,
  file,
  user: userFields,
  owners: userFields,
  lastModifyingUser: userFields,
  drives: ['id', 'name'],
  changes: ['changeType', 'removed', 'fileId', 'driveId', 'file', 'time', 'drive'],
  shortcutDetails: ['targetId', 'targetMimeType', 'targetResourceKey'],
  capabilities: ['canDownload', 'canAccessViaGenAi', 'canShare'],
  permissions: [
    'id',
    'type',
    'role',
    'emailAddress',
    'domain',
    'allowFileDiscovery',
    'deleted',
    'expirationTime',
    'view',
    'permissionDetails',
  ],
}

/** https://developers.google.com/workspace/drive/api/guides/handle-errors */
export function failure(
  status: number,
  reason: string,
  message: string,
  options: { location?: string; domain?: string; status?: string; detail?: string; retryAfter?: string } = {},
): Response {
  const { location, domain = 'global', detail, retryAfter } = options
  const error = {
    code: status,
    message,
    errors: [{ message, domain, reason, ...(location ? { location, locationType: 'parameter' } : {}) }],
    ...(options.status ? { status: options.status } : {}),
    ...(detail
      ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: detail, domain: 'googleapis.com' }] }
      : {}),
  }
  return Response.json({ error }, { status, headers: retryAfter ? { 'retry-after': retryAfter } : {} })
}

export function notFound(id: string): Response {
  return failure(404, 'notFound', `File not found: ${id}.`, { location: 'fileId' })
}
