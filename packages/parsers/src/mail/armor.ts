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
  // Ends of which there are no more: many may begin that never end.
  const over = new Set<string>()
  for (let at = text.indexOf(begins); at >= 0; at = text.indexOf(begins, Math.max(at + 1, from))) {
    if (at > 0 && text[at - 1] !== '\n') continue
    if (text.startsWith(signedMessage, at)) {
      out += plain(text.slice(from, at), isSigned)
      from = behindHeaders(text, at)
      isSigned = true
    } else if (text.startsWith(signature, at) || text.startsWith(message, at)) {
      const isMessage = text.startsWith(message, at)
      const last = `-----END PGP ${isMessage ? 'MESSAGE' : 'SIGNATURE'}-----`
      const end = over.has(last) ? -1 : text.indexOf(last, at)
      // Without its end it is quoted, or explained.
      if (end < 0) {
        over.add(last)
        continue
      }
      const feed = text.indexOf('\n', end)
      out += plain(text.slice(from, at), isSigned)
      from = feed < 0 ? text.length : feed + 1
      if (isMessage) sealed.push(text.slice(at, from))
      isSigned = false
    }
  }
  return { text: out + plain(text.slice(from), isSigned), sealed }
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

/** Lines of a signed text that begin with a dash were marked. */
function plain(text: string, isSigned: boolean): string {
  return isSigned ? text.replace(/^- /gm, '') : text
}
