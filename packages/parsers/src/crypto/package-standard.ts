import { createDecipheriv, hash } from 'node:crypto'
import { stretched } from './stretched.ts'

const rounds = 50_000
/** AES of 128, 192 and 256 bits ([MS-OFFCRYPTO] 2.3.2). */
const algorithms: ReadonlyMap<number, number> = new Map([
  [0x660e, 128],
  [0x660f, 192],
  [0x6610, 256],
])
const saltBytes = 16

/**
 * Standard encryption ([MS-OFFCRYPTO] 2.3.4.5), Office 2007: `info` is the EncryptionInfo stream, `data` what follows
 * the length in EncryptedPackage. Undefined where the password is another, or the way of it is not known.
 */
export function decryptStandard(info: Buffer, data: Uint8Array, password: Buffer): Buffer | undefined {
  const header = 12
  const verifier = header + info.readUInt32LE(8)
  const bits = algorithms.get(info.readUInt32LE(header + 8))
  if (bits === undefined || verifier + 72 > info.length) return undefined
  const salt = info.subarray(verifier + 4, verifier + 4 + saltBytes)
  const key = makeKey(salt, password, bits / 8)
  const open = (bytes: Uint8Array): Buffer => {
    const decipher = createDecipheriv(`aes-${bits}-ecb`, key, null).setAutoPadding(false)
    return Buffer.concat([decipher.update(bytes), decipher.final()])
  }
  const expected = sha1(open(info.subarray(verifier + 20, verifier + 36)))
  if (
    !open(info.subarray(verifier + 40, verifier + 72))
      .subarray(0, expected.length)
      .equals(expected)
  )
    return undefined
  return open(data.subarray(0, data.length - (data.length % 16)))
}

/** [MS-OFFCRYPTO] 2.3.4.7. */
function makeKey(salt: Buffer, password: Buffer, length: number): Buffer {
  const digest = stretched('sha1', sha1(salt, password), rounds)
  const last = sha1(digest, Buffer.alloc(4))
  const half = (fill: number): Buffer => {
    const bytes = Buffer.alloc(64, fill)
    last.forEach((byte, n) => {
      bytes[n] = bytes[n]! ^ byte
    })
    return sha1(bytes)
  }
  return Buffer.concat([half(0x36), half(0x5c)]).subarray(0, length)
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  return hash('sha1', Buffer.concat(parts), 'buffer')
}
