const compatible = new TextDecoder('euc-kr')

/** Codes of Johab's five bits to the order of Unicode's syllables; the holes stand for none. */
const initials = [-1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
const vowels = [
  -1, -1, -1, 0, 1, 2, 3, 4, -1, -1, 5, 6, 7, 8, 9, 10, -1, -1, 11, 12, 13, 14, 15, 16, -1, -1, 17, 18, 19, 20,
]
const finals = [
  -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -1, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
]
/** Letters on their own, in Unicode's order of compatibility letters (U+3131). */
const lettersOfInitials = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'
const fillInitial = 1
const fillVowel = 2

/** Korean of the eighties and nineties (KS X 1001, annex 3): syllables by their letters, all else as in EUC-KR. */
export function decodeJohab(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at]!
    const trail = bytes[at + 1] ?? 0
    if (lead < 0x80) parts.push(lead === 0x5c ? '\\' : String.fromCharCode(lead))
    else if (lead >= 0x84 && lead <= 0xd3) {
      parts.push(syllable((lead << 8) | trail))
      at++
    } else {
      parts.push(symbol(lead, trail))
      at++
    }
  }
  return parts.join('')
}

function syllable(code: number): string {
  const first = (code >> 10) & 31
  const second = (code >> 5) & 31
  const initial = initials[first] ?? -1
  const vowel = vowels[second] ?? -1
  const final = finals[code & 31] ?? -1
  if (initial >= 0 && vowel >= 0 && final >= 0) return String.fromCharCode(0xac00 + (initial * 21 + vowel) * 28 + final)
  if (initial >= 0 && second === fillVowel) return lettersOfInitials[initial]!
  if (first === fillInitial && vowel >= 0) return String.fromCharCode(0x314f + vowel)
  return '\ufffd'
}

/** Two rows of EUC-KR in each first byte: symbols from D9, Chinese characters from E0. */
function symbol(lead: number, trail: number): string {
  const column = trail < 0x7f ? trail - 0x31 : trail - 0x43
  const row = lead < 0xe0 ? (lead - 0xd9) * 2 + 0xa1 : (lead - 0xe0) * 2 + 0xca
  if (lead < 0xd9 || column < 0 || column >= 188 || row > 0xfe) return '\ufffd'
  const second = column >= 94
  return compatible.decode(Uint8Array.of(row + (second ? 1 : 0), 0xa1 + column - (second ? 94 : 0)))
}
