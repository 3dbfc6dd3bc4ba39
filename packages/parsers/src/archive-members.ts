const leftovers = /(^|\/)(__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/

/** What systems leave behind in an archive, by its path. */
export function isLeftover(path: string): boolean {
  return leftovers.test(path)
}

/** `._name` beside `name`: attributes and resources that macOS packs for a file (RFC 1740, AppleDouble). */
export function isAppleDouble(path: string, bytes: Uint8Array): boolean {
  return (
    path.startsWith('._', path.lastIndexOf('/') + 1) &&
    bytes[0] === 0 &&
    bytes[1] === 5 &&
    bytes[2] === 0x16 &&
    bytes[3] === 7
  )
}
