const begins = '-----BEGIN PGP '
const signedMessage = `${begins}SIGNED MESSAGE-----`
const signature = `${begins}SIGNATURE-----`
const message = `${begins}MESSAGE-----`

/** Text with what PGP wrote around it taken off (RFC 9580, 6 and 7), and what of it is encrypted, as it stood. */
export function withoutArmor(text: string): { readonly text: string; readonly sealed: readonly string[] } {
  if (!text.includes(begins)) return { text, sealed: [] }
  const sealed: string[] = []
  let out = ''
  let from = 0
  let isSigned = false
  for (let at = text.indexOf(begins); at >= 0; at = text.indexOf(begins, Math.max(at + 1, from))) {
    if (at > 0 && text[at - 1] !== '\n') continue
    const before = isSigned ? unescaped(text.slice(from, at)) : text.slice(from, at)
    if (text.startsWith(signedMessage, at)) {
      out += before
      from = behindHeaders(text, at)
      isSigned = true
    } else if (text.startsWith(signature, at) || text.startsWith(message, at)) {
      const isMessage = text.startsWith(message, at)
      const end = text.indexOf(`-----END PGP ${isMessage ? 'MESSAGE' : 'SIGNATURE'}-----`, at)
      // Without its end it is quoted, or explained.
      if (end < 0) continue
      const feed = text.indexOf('\n', end)
      out += before
      from = feed < 0 ? text.length : feed + 1
      if (isMessage) sealed.push(text.slice(at, from))
      isSigned = false
    }
  }
  return { text: out + (isSigned ? unescaped(text.slice(from)) : text.slice(from)), sealed }
}

/** `Hash: SHA256` and the like, and the empty line behind them. */
function behindHeaders(text: string, start: number): number {
  let at = text.indexOf('\n', start) + 1
  while (at > 0) {
    const feed = text.indexOf('\n', at)
    const line = text.slice(at, feed < 0 ? text.length : feed).trim()
    if (line !== '' && !/^[A-Z][\w-]*: /.test(line)) return at
    at = feed + 1
    if (line === '') break
  }
  return at > 0 ? at : text.length
}

/** Lines that begin with a dash were marked. */
function unescaped(text: string): string {
  return text.replace(/^- /gm, '')
}
