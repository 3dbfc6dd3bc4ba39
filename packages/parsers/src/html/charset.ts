const headBytes = 2048

/** The encoding that a page declares at its beginning. */
export function declaredCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, headBytes))
    .toString('latin1')
    .toLowerCase()
  const at = head.indexOf('charset=')
  if (at !== -1) return word(head, head[at + 8] === '"' || head[at + 8] === "'" ? at + 9 : at + 8)
  const xml = head.startsWith('<?xml') ? head.indexOf('encoding=') : -1
  return xml === -1 ? undefined : word(head, xml + 10)
}

function word(text: string, start: number): string {
  let end = start
  while (end < text.length && end < start + 40) {
    const code = text.charCodeAt(end)
    if (!((code >= 48 && code <= 58) || (code >= 97 && code <= 122) || code === 45 || code === 95)) break
    end++
  }
  return text.slice(start, end)
}
