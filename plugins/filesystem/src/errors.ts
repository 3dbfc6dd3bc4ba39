import { ConnectorError, type ConnectorErrorCode } from '@cx/core'

const meaning: Readonly<Record<string, readonly [ConnectorErrorCode, string]>> = {
  ENOENT: ['not_found', 'is not there'],
  ENOTDIR: ['not_found', 'is not there: a name on the way to it is not a folder'],
  EACCES: ['forbidden', 'may not be read or written by the user that cx runs as: change its permissions or its owner'],
  EPERM: ['forbidden', 'may not be read or written by the user that cx runs as: change its permissions or its owner'],
  ELOOP: ['unprocessable', 'is a symbolic link that leads nowhere or in a circle'],
  ENXIO: ['unprocessable', 'is a socket or a device, not a regular file'],
  ENODEV: ['unprocessable', 'is a device, not a regular file'],
  EISDIR: ['unprocessable', 'is a folder, not a file'],
  EEXIST: ['unprocessable', 'is in the way: it exists and is not a folder'],
  ENAMETOOLONG: ['unprocessable', 'has a name that is too long for this file system'],
  ENOSPC: ['unprocessable', 'cannot be written: the disk is full'],
  EDQUOT: ['unprocessable', 'cannot be written: the disk quota is used up'],
  EROFS: ['unprocessable', 'cannot be written: the file system is read-only'],
}

/** The code of a system error, such as `ENOENT`. */
export function errno(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** Whether the file went away, which between listing and reading is nothing special. */
export function isGone(error: unknown): boolean {
  return errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR'
}

/** Whether it is there and may not be looked at. */
export function isBarred(error: unknown): boolean {
  return errno(error) === 'EACCES' || errno(error) === 'EPERM'
}

/** What a system error about `path` means for the engine; other errors (an abort) come back as they are. */
export function explain(error: unknown, path: string): unknown {
  const code = errno(error)
  if (!/^E[A-Z0-9]+$/.test(code)) return error
  const [connectorCode, words] = meaning[code] ?? ['unavailable', `cannot be reached now (${code})`]
  return new ConnectorError(connectorCode, `${JSON.stringify(path)} ${words}.`, { cause: error })
}

/** The same about the folder itself: there is nothing to sync until somebody sees to it. */
export function explainRoot(error: unknown, root: string): unknown {
  const explained = explain(error, root)
  if (!(explained instanceof ConnectorError) || explained.code === 'unavailable') return explained
  return new ConnectorError('misconfigured', `The folder ${explained.message} Check \`root\`.`, { cause: error })
}
