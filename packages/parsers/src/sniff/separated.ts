const headBytes = 8192
const mostLines = 10

/**
 * Whether text without a telling name is a table of separated values: each of its first lines has a tab, or as many
 * semicolons or commas as the one before.
 */
export function looksSeparated(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes))
  // In UTF-16 every second byte of what counts here is zero.
  const lines = head
    .toString('latin1')
    .replaceAll('\u0000', '')
    .split(/\r\n?|\n/)
  if (bytes.length > headBytes) lines.pop()
  const some = lines.filter((line) => line.trim() !== '').slice(0, mostLines)
  if (some.length < 2) return false
  if (some.every((line) => line.includes('\t'))) return true
  return [';', ','].some((delimiter) => {
    const counts = new Set(some.map((line) => line.split(delimiter).length))
    return counts.size === 1 && !counts.has(1)
  })
}
