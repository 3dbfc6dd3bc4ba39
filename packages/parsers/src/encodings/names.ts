import { isAscii, isUtf8 } from 'node:buffer'
import { decodeAs } from './decode.ts'
import { guessEastAsian } from './east-asian.ts'
import { strangeness } from './strangeness.ts'

/** Pages that archives of each system's own programs are in; DOS first, which is what ZIP's specification says. */
const pages = ['cp437', 'cp866', 'windows-1252', 'windows-1251', 'cp850', 'cp852', 'macintosh']

/** Names of files in an archive that does not say how they are encoded: those that are no UTF-8 are of one encoding. */
export function decodeNames(names: readonly Uint8Array[]): string[] {
  let encoding: string | undefined
  return names.map((name) => {
    const file = Buffer.from(name.buffer, name.byteOffset, name.byteLength)
    if (isAscii(name)) return withoutControls(file.toString('latin1'))
    if (isUtf8(name)) return withoutControls(file.toString('utf8'))
    encoding ??= encodingOf(names.filter((other) => !isUtf8(other)))
    return withoutControls(decodeAs(name, encoding))
  })
}

function encodingOf(names: readonly Uint8Array[]): string {
  const all = Buffer.concat(names.slice(0, 500).flatMap((name) => [name, Buffer.from('\n')]))
  const eastAsian = guessEastAsian(all)
  if (eastAsian !== undefined) return eastAsian
  let best = 'cp437'
  let least = Number.POSITIVE_INFINITY
  for (const page of pages) {
    const { strange } = strangeness(decodeAs(all, page))
    if (strange < least) {
      best = page
      least = strange
    }
  }
  return best
}

function withoutControls(name: string): string {
  // A name ends at a zero for the systems that would unpack it.
  return name.replace(/[\u0000-\u001f\u007f]/g, '')
}
