import { unzipSync, zipSync } from 'fflate'

/** Numbers from a seed, below `most`. */
export type Random = (most: number) => number

/** The same numbers on every machine (a linear congruential generator). */
export function randomFrom(seed: number): Random {
  let state = (seed * 2_654_435_761) >>> 0
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
}

/** Values at which lengths, counts and offsets turn over. */
const edges = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
const signs = ['<', '>', '"', '&', '{', '}', '[', ']', '\\', '\0', '\n', ',', ';', '|', '`', '/', '-1', '99999999999']

/** One damaged copy of a document. The members of a ZIP are damaged in their turn: a damaged ZIP hides what is inside. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && random(4) > 0) {
    const inside = mutateMember(bytes, random)
    if (inside) return inside
  }
  return mutateBytes(bytes, random)
}

function mutateMember(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> | undefined {
  try {
    const members = unzipSync(bytes, { filter: ({ originalSize }) => originalSize < 4_000_000 })
    const names = Object.keys(members)
    if (names.length === 0) return undefined
    for (let n = 1 + random(2); n > 0; n--) {
      const name = names[random(names.length)]!
      const other = names[random(names.length)]!
      const kind = random(12)
      if (kind === 0) delete members[name]
      else if (kind === 1) members[name] = members[other] ?? new Uint8Array()
      else if (members[name]) members[name] = mutateBytes(members[name], random)
    }
    return new Uint8Array(zipSync(members, { level: 1 }))
  } catch {
    return undefined
  }
}

function mutateBytes(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return new Uint8Array([random(256)])
  let out: Uint8Array<ArrayBuffer> = new Uint8Array(bytes)
  for (let n = 1 + random(8); n > 0 && out.length > 0; n--) {
    const at = random(out.length)
    switch (random(8)) {
      case 0:
        out[at] = random(256)
        break
      case 1:
        out[at]! ^= 1 << random(8)
        break
      case 2: {
        const view = new DataView(out.buffer)
        const value = edges[random(edges.length)]!
        if (random(2) === 0 && at + 4 <= out.length) view.setUint32(at, value, random(2) === 0)
        else if (at + 2 <= out.length) view.setUint16(at, value & 0xffff, random(2) === 0)
        break
      }
      case 3:
        out = joined(out.subarray(0, at), out.subarray(Math.min(out.length, at + 1 + random(64))))
        break
      case 4:
        out = joined(out.subarray(0, at), new TextEncoder().encode(signs[random(signs.length)]), out.subarray(at))
        break
      case 5: {
        const from = random(out.length)
        out = joined(out.subarray(0, at), out.subarray(from, from + 1 + random(512)), out.subarray(at))
        break
      }
      case 6:
        out.fill(random(2) === 0 ? 0 : 0xff, at, at + 1 + random(32))
        break
      default:
        if (random(6) === 0) out = out.slice(0, at)
        else out.copyWithin(at, random(out.length), random(out.length))
    }
  }
  return out
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts))
}
