import { createDecipheriv, hash } from 'node:crypto'
import { stretched } from './stretched.ts'

/** Rounds over the password; Excel makes 100,000, and each million takes about a second. */
const mostRounds = 1_000_000
const segmentBytes = 4096
/** What the keys are for ([MS-OFFCRYPTO] 2.3.4.13). */
const forInput = Buffer.from('fea7d2763b4b9e79', 'hex')
const forHash = Buffer.from('d7aa0f6d3061344e', 'hex')
const forKey = Buffer.from('146e0be7abacd0d6', 'hex')

interface Cipher {
  readonly algorithm: { readonly cipher: string; readonly hash: string }
  readonly keyBytes: number
  readonly blockBytes: number
  readonly salt: Buffer
  hash(...parts: readonly Uint8Array[]): Buffer
}

/**
 * Agile encryption ([MS-OFFCRYPTO] 2.3.4.10), Office 2010 and later: `info` is the XML of the EncryptionInfo stream,
 * `data` what follows the length in EncryptedPackage. Undefined where the password is another, or the way of it is not
 * known.
 */
export function decryptAgile(info: string, data: Uint8Array, password: Buffer): Buffer | undefined {
  const content = readCipher(element(info, 'keyData'))
  const lock = element(info, 'encryptedKey')
  const own = readCipher(lock)
  const rounds = Number(attribute(lock, 'spinCount'))
  if (!content || !own || !(rounds <= mostRounds)) return undefined
  const digest = stretched(own.algorithm.hash, own.hash(own.salt, password), rounds)
  const open = (name: string, purpose: Buffer): Buffer => {
    const key = sized(own.hash(digest, purpose), own.keyBytes)
    return decrypt(own, key, sized(own.salt, own.blockBytes), Buffer.from(attribute(lock, name), 'base64'))
  }
  const expected = own.hash(open('encryptedVerifierHashInput', forInput).subarray(0, own.salt.length))
  if (!open('encryptedVerifierHashValue', forHash).subarray(0, expected.length).equals(expected)) return undefined
  const key = open('encryptedKeyValue', forKey).subarray(0, content.keyBytes)
  const pieces: Buffer[] = []
  const counter = Buffer.alloc(4)
  for (let at = 0, n = 0; at < data.length; at += segmentBytes, n++) {
    counter.writeUInt32LE(n)
    const start = sized(content.hash(content.salt, counter), content.blockBytes)
    const piece = data.subarray(at, at + segmentBytes)
    pieces.push(decrypt(content, key, start, piece.subarray(0, piece.length - (piece.length % content.blockBytes))))
  }
  return Buffer.concat(pieces)
}

const hashes: readonly string[] = ['sha1', 'sha256', 'sha384', 'sha512', 'md5']

function readCipher(attributes: string): Cipher | undefined {
  const name = attribute(attributes, 'hashAlgorithm').toLowerCase().replace('-', '')
  const bits = Number(attribute(attributes, 'keyBits'))
  const isAes = attribute(attributes, 'cipherAlgorithm') === 'AES' && [128, 192, 256].includes(bits)
  if (!hashes.includes(name) || !isAes || attribute(attributes, 'cipherChaining') !== 'ChainingModeCBC')
    return undefined
  return {
    algorithm: { cipher: `aes-${bits}-cbc`, hash: name },
    keyBytes: bits / 8,
    blockBytes: 16,
    salt: Buffer.from(attribute(attributes, 'saltValue'), 'base64'),
    hash: (...parts) => hash(name, Buffer.concat(parts), 'buffer'),
  }
}

function decrypt({ algorithm }: Cipher, key: Buffer, start: Buffer, data: Uint8Array): Buffer {
  const decipher = createDecipheriv(algorithm.cipher, key, start).setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

/** Cut, or filled with 0x36. */
function sized(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes.subarray(0, length), Buffer.alloc(Math.max(0, length - bytes.length), 0x36)])
}

/** The attributes of the first element of this name, whatever its prefix. */
function element(xml: string, name: string): string {
  return new RegExp(`<(?:\\w{1,20}:)?${name}\\s([^>]{0,4000})>`).exec(xml)?.[1] ?? ''
}

function attribute(attributes: string, name: string): string {
  return new RegExp(`(?:^|\\s)${name}\\s*=\\s*"([^"]*)"`).exec(attributes)?.[1] ?? ''
}
