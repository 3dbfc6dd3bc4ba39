import { decodeAs, knownEncoding } from './decode.ts'
import { guessEastAsian } from './east-asian.ts'
import { strangeness } from './strangeness.ts'

const sampleBytes = 64 * 1024
/** Models tell languages by their letters: with fewer of them they guess. */
const fewLetters = 6

/** A page with tags in ASCII is in none of them, and their models are a third of the work. */
const mainframes = ['cp1140', 'cp424', 'cp500', 'cp875', 'cp1026', 'cp273']
const lessThan = 60

/** The encoding of bytes that are no UTF-8: by models of languages, unless what comes out is nothing that people write. */
export async function detectEncoding(bytes: Uint8Array): Promise<string> {
  const { default: jschardet } = await import('jschardet')
  const part = sampleOf(bytes)
  const found =
    jschardet.detect(part, part.includes(lessThan) ? { excludeEncodings: mainframes } : {}).encoding ?? 'windows-1252'
  if (/^johab$/i.test(found)) return 'johab'
  const encoding = knownEncoding(found) ?? 'windows-1252'
  return doubleByte.test(encoding) ? encoding : betterOf(part, encoding)
}

const doubleByte = /^(gb|big5|euc|shift|sjis|cp9(32|36|49|50)|iso-2022|utf)/i

/**
 * A page for one of Europe's languages may be taken for another's, where a text has few letters of its own: a dash or
 * a quotation mark of Windows or of a Mac among English words is a letter nearly everywhere else.
 */
function betterOf(sample: Uint8Array, found: string): string {
  const part = telling(sample)
  const own = strangeness(decodeAs(part, found))
  if (own.strange > 1 && own.strange * 4 >= own.foreign) {
    const eastAsian = guessEastAsian(sample)
    if (eastAsian !== undefined) return eastAsian
  }
  const inWindows = decodeAs(part, 'windows-1252')
  const windows = strangeness(inWindows)
  const mac = strangeness(decodeAs(part, 'macintosh')).strange
  const isFew = windows.letters < fewLetters && !rareLetters.test(inWindows)
  const isLikelier = windows.strange < own.strange / 2 || (windows.strange <= own.strange && isFew)
  if (isLikelier) return windows.strange <= mac ? 'windows-1252' : 'macintosh'
  return mac < own.strange / 2 ? 'macintosh' : found
}

/** What stands around bytes beyond ASCII, with a space for what is between. */
function telling(sample: Uint8Array): Uint8Array {
  const out = new Uint8Array(maxTelling)
  let length = 0
  let taken = 0
  for (let at = 0; at < sample.length && length < maxTelling - 2 * around - 2; at++) {
    if (sample[at]! < 0x80) continue
    const from = Math.max(taken, at - around)
    if (from > taken) out[length++] = 32
    while (at + 1 < sample.length && sample[at + 1]! >= 0x80 && at - from < around * 2) at++
    taken = Math.min(sample.length, at + 1 + around)
    const room = Math.min(taken - from, maxTelling - length)
    out.set(sample.subarray(from, from + room), length)
    length += room
    at = taken - 1
  }
  return out.subarray(0, length)
}

const maxTelling = 6 * 1024
const around = 8

/** Letters of few languages in Windows' Latin, which are common ones in its pages for Turkey, Central Europe and on Macs. */
const rareLetters = /[þðýÞÐÝšžŠŽŸ]/

/** Long ASCII prefixes say nothing: the sample begins just before the first byte that does. */
export function sampleOf(bytes: Uint8Array): Uint8Array {
  let first = 0
  while (first < bytes.length && bytes[first]! < 0x80) first++
  const start = Math.max(0, Math.min(first, bytes.length - sampleBytes) - 1024)
  return bytes.subarray(start, start + sampleBytes)
}
