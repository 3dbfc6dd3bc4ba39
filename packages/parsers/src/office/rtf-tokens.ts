/** What the tokenizer of RTF tells. Text comes as bytes in a latin-1 string, still in the code page of its font. */
export interface RtfHandlers {
  open(): void
  close(): void
  /** `\word` with its number; `starred` when `\*` stood before it. */
  control(word: string, parameter: number | undefined, starred: boolean): void
  text(bytes: string): void
  /** Whether text would be left out: pictures are most of many a file. */
  isSkipping(): boolean
  /** `\'hh`. */
  byte(code: number): void
}

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Cuts RTF (specification 1.9.1) into tokens in one pass, without recursion; `rtf` is latin-1. False when groups stay open. */
export function tokenizeRtf(rtf: string, on: RtfHandlers): boolean {
  const end = rtf.length
  let at = 0
  let depth = 0
  let starred = false
  while (at < end) {
    const code = rtf.charCodeAt(at)
    if (code === 123) {
      depth++
      on.open()
      starred = false
      at++
    } else if (code === 125) {
      if (depth > 0) {
        depth--
        on.close()
      }
      at++
      // What follows the outermost group is not part of the document.
      if (depth === 0) return true
    } else if (code === 13 || code === 10 || code === 0) at++
    else if (code !== 92) {
      const isSkipping = on.isSkipping()
      let stop = at + 1
      for (; stop < end; stop++) {
        const next = rtf.charCodeAt(stop)
        if (next === 92 || next === 123 || next === 125) break
        if (!isSkipping && (next === 13 || next === 10 || next === 0)) break
      }
      if (!isSkipping) on.text(rtf.slice(at, stop))
      at = stop
    } else {
      const next = rtf.charCodeAt(at + 1)
      if (isLetter(next)) {
        let stop = at + 2
        while (stop < end && stop < at + 40 && isLetter(rtf.charCodeAt(stop))) stop++
        const word = rtf.slice(at + 1, stop)
        const first = stop
        if (rtf.charCodeAt(stop) === 45) stop++
        while (stop < end && stop < first + 12 && isDigit(rtf.charCodeAt(stop))) stop++
        const parameter = stop > first && isDigit(rtf.charCodeAt(stop - 1)) ? Number(rtf.slice(first, stop)) : undefined
        at = rtf.charCodeAt(stop) === 32 ? stop + 1 : stop
        if (word === 'bin') at += Math.max(0, parameter ?? 0)
        else on.control(word, parameter, starred)
        starred = false
      } else if (next === 39) {
        const byte = Number.parseInt(rtf.slice(at + 2, at + 4), 16)
        if (byte >= 0) on.byte(byte)
        at += 4
      } else {
        if (next === 42) starred = true
        else if (next === 92 || next === 123 || next === 125) on.text(rtf[at + 1]!)
        else if (next === 126) on.control('~', undefined, false)
        else if (next === 95) on.control('_', undefined, false)
        else if (next === 13 || next === 10) on.control('par', undefined, false)
        at += 2
      }
    }
  }
  return depth === 0
}
