/** Order of UTF-8 bytes, which is S3's. JavaScript's own differs above U+D7FF. */
export function compareKeys(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let index = 0; index < end; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return rank(left) - rank(right)
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** How many characters after the first that differ are taken for the digits of a number. */
const places = 6

/** What a name probably goes on with, when some of it has been seen. */
const classes = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ']

/**
 * Keys, real or not, that are likely to lie `distance` keys apart from `after` on, judging by how far the sample reaches.
 * A bad guess makes one part of the listing longer than another and costs a few calls; it never loses a key.
 */
export function guessBoundaries(
  sample: readonly string[],
  after: string,
  { count, distance }: { readonly count: number; readonly distance: number },
): readonly string[] {
  const first = sample[0]
  const last = sample.at(-1)
  if (first === undefined || last === undefined || first === last) return []
  const start = Math.max(0, shared(first, last) - 2)
  const stem = first.slice(0, start)
  const alphabet = alphabetOf(sample, start)
  if (alphabet === undefined || !after.startsWith(stem)) return []
  const base = alphabet.length
  const value = (key: string): number => {
    let sum = 0
    for (let place = 0; place < places; place++)
      sum += Math.max(0, alphabet.indexOf(key[start + place] ?? '')) / base ** (place + 1)
    return sum
  }
  const step = ((value(last) - value(first)) / sample.length) * distance
  const found: string[] = []
  for (let number = 1, from = value(after); number <= count && from + step * number < 1; number++) {
    const guess = stem + spell(from + step * number, alphabet)
    if (compareKeys(guess, found.at(-1) ?? after) > 0) found.push(guess)
  }
  return found
}

function shared(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** In order; undefined when half a character would be cut. */
function alphabetOf(sample: readonly string[], start: number): readonly string[] | undefined {
  const seen = new Set(sample.flatMap((key) => [...key.slice(start, start + places).split('')]))
  for (const letters of classes)
    if ([...letters].some((letter) => seen.has(letter))) for (const letter of letters) seen.add(letter)
  const letters = [...seen].sort()
  return letters.some((letter) => letter >= '\ud800') ? undefined : letters
}

function spell(value: number, alphabet: readonly string[]): string {
  let rest = value
  let text = ''
  for (let place = 0; place < places; place++) {
    rest *= alphabet.length
    const digit = Math.min(Math.floor(rest), alphabet.length - 1)
    text += alphabet[digit]
    rest -= digit
  }
  return text
}
