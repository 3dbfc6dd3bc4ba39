import { createCipheriv, hash, randomBytes } from 'node:crypto'
import { rc4, xor } from '../src/crypto/rc4.ts'
import { compoundOf } from './make-documents.ts'

const counter = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le')
const all = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)
/** Filled up to whole blocks of AES. */
const blocks = (bytes: Uint8Array): Buffer => all(bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16))

const unencrypted: ReadonlySet<number> = new Set([0x0809, 0x002f, 0x00e1])

/** Puts a FilePass record behind the first one and runs `change` over the bytes of those that are encrypted. */
function lock(
  stream: Uint8Array,
  filePass: Buffer,
  change: (bytes: Buffer, at: number, record: { readonly start: number; readonly end: number }) => Buffer,
): Buffer {
  const head = Buffer.from([0x2f, 0, filePass.length, 0])
  const first = 4 + Buffer.from(stream).readUInt16LE(2)
  const out = all(stream.subarray(0, first), head, filePass, stream.subarray(first))
  for (let at = 0; at + 4 <= out.length; ) {
    const type = out.readUInt16LE(at)
    const start = at + 4
    const end = start + out.readUInt16LE(at + 2)
    // Sheets say where they begin, which is further back now, and never encrypted.
    if (type === 0x85) out.writeUInt32LE(out.readUInt32LE(start) + head.length + filePass.length, start)
    const from = type === 0x85 ? start + 4 : start
    if (!unencrypted.has(type)) change(out.subarray(from, end), from, { start, end }).copy(out, from)
    at = end
  }
  return out
}

function byBlocks(bytes: Buffer, at: number, keyOf: (block: number) => Buffer): Buffer {
  const out = Buffer.from(bytes)
  for (let n = 0; n < out.length; n++) {
    const place = at + n
    out[n] = out[n]! ^ rc4(keyOf(Math.floor(place / 1024)), 1024)[place % 1024]!
  }
  return out
}

/** A workbook stream with RC4 ([MS-OFFCRYPTO] 2.3.6). */
export function lockWithRc4(stream: Uint8Array, password: string): Buffer {
  const salt = randomBytes(16)
  const md5 = (...parts: readonly Uint8Array[]): Buffer => hash('md5', all(...parts), 'buffer')
  const short = md5(wide(password)).subarray(0, 5)
  const base = md5(...Array.from({ length: 16 }, () => all(short, salt))).subarray(0, 5)
  const keyOf = (block: number): Buffer => md5(base, counter(block))
  const verifier = randomBytes(16)
  const hidden = xor(all(verifier, md5(verifier)), rc4(keyOf(0), 32))
  return lock(stream, all(Buffer.from([1, 0, 1, 0, 1, 0]), salt, hidden), (bytes, at) => byBlocks(bytes, at, keyOf))
}

/** The same through CryptoAPI ([MS-OFFCRYPTO] 2.3.5). */
export function lockWithCryptoApi(stream: Uint8Array, password: string, bits: number): Buffer {
  const salt = randomBytes(16)
  const sha1 = (...parts: readonly Uint8Array[]): Buffer => hash('sha1', all(...parts), 'buffer')
  const first = sha1(salt, wide(password))
  const keyOf = (block: number): Buffer => {
    const key = sha1(first, counter(block)).subarray(0, bits / 8)
    return bits === 40 ? all(key, Buffer.alloc(11)) : key
  }
  const verifier = randomBytes(16)
  const hidden = xor(all(verifier, sha1(verifier)), rc4(keyOf(0), 36))
  const provider = wide('Microsoft Enhanced Cryptographic Provider v1.0\0')
  const header = all(...[4, 0, 0x6801, 0x8004, bits, 1, 0, 0].map(counter), provider)
  const filePass = all(
    Buffer.from([1, 0, 2, 0, 2, 0]),
    counter(4),
    counter(header.length),
    header,
    counter(16),
    salt,
    hidden.subarray(0, 16),
    counter(20),
    hidden.subarray(16),
  )
  return lock(stream, filePass, (bytes, at) => byBlocks(bytes, at, keyOf))
}

/** XOR obfuscation ([MS-OFFCRYPTO] 2.3.7) with the key of Excel's default password; `verifier` is that of the password. */
export function lockWithXor(stream: Uint8Array, password: string, verifier: number): Buffer {
  const key = 0xb359
  const right = (byte: number, count: number): number => ((byte >> count) | (byte << (8 - count))) & 255
  const pads = [0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80, 0, 0xbe, 0x0f, 0, 0xbf, 0x0f, 0]
  const pad = [...Buffer.from(password, 'latin1'), ...pads].slice(0, 16)
  const keys = pad.map((byte, n) => right(byte ^ (n % 2 === 0 ? key & 255 : key >> 8), 6))
  const filePass = Buffer.alloc(6)
  filePass.writeUInt16LE(key, 2)
  filePass.writeUInt16LE(verifier, 4)
  return lock(stream, filePass, (bytes, at, { start, end }) =>
    Buffer.from(bytes.map((byte, n) => right(byte ^ keys[(end + at + n - start) % 16]!, 3))),
  )
}

/** An encrypted OOXML package as Office 2010 and later write it ([MS-OFFCRYPTO] 2.3.4.10). */
export function lockAgile(
  pack: Uint8Array,
  password: string,
  { algorithm = 'SHA512', bits = 256, rounds = 1000 } = {},
): Uint8Array {
  const digest = (...parts: readonly Uint8Array[]): Buffer => hash(algorithm.toLowerCase(), all(...parts), 'buffer')
  const sized = (bytes: Uint8Array, length: number): Buffer =>
    all(bytes.subarray(0, length), Buffer.alloc(Math.max(0, length - bytes.length), 0x36))
  const encrypt = (key: Uint8Array, start: Uint8Array, data: Uint8Array): Buffer => {
    const cipher = createCipheriv(`aes-${bits}-cbc`, key, start).setAutoPadding(false)
    return all(cipher.update(blocks(data)), cipher.final())
  }
  const [dataSalt, salt, key, input] = [randomBytes(16), randomBytes(16), randomBytes(bits / 8), randomBytes(16)]
  let stretched = digest(salt, wide(password))
  for (let n = 0; n < rounds; n++) stretched = digest(counter(n), stretched)
  const hide = (purpose: string, data: Uint8Array): string =>
    encrypt(sized(digest(stretched, Buffer.from(purpose, 'hex')), bits / 8), salt, data).toString('base64')
  const look = `saltSize="16" blockSize="16" keyBits="${bits}" hashSize="${digest(salt).length}" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="${algorithm}"`
  const info = `<?xml version="1.0"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption" xmlns:p="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><keyData ${look} saltValue="${dataSalt.toString('base64')}"/><dataIntegrity encryptedHmacKey="" encryptedHmacValue=""/><keyEncryptors><keyEncryptor uri="http://schemas.microsoft.com/office/2006/keyEncryptor/password"><p:encryptedKey spinCount="${rounds}" ${look} saltValue="${salt.toString('base64')}" encryptedVerifierHashInput="${hide('fea7d2763b4b9e79', input)}" encryptedVerifierHashValue="${hide('d7aa0f6d3061344e', digest(input))}" encryptedKeyValue="${hide('146e0be7abacd0d6', key)}"/></keyEncryptor></keyEncryptors></encryption>`
  const pieces: Buffer[] = []
  for (let n = 0; n * 4096 < pack.length; n++)
    pieces.push(encrypt(key, sized(digest(dataSalt, counter(n)), 16), pack.subarray(n * 4096, (n + 1) * 4096)))
  return locked(all(Buffer.from([4, 0, 4, 0, 0x40, 0, 0, 0]), Buffer.from(info)), pack.length, all(...pieces))
}

/** The same as Office 2007 writes it ([MS-OFFCRYPTO] 2.3.4.5). */
export function lockStandard(pack: Uint8Array, password: string, bits: 128 | 192 | 256): Uint8Array {
  const sha1 = (...parts: readonly Uint8Array[]): Buffer => hash('sha1', all(...parts), 'buffer')
  const salt = randomBytes(16)
  let digest = sha1(salt, wide(password))
  for (let n = 0; n < 50_000; n++) digest = sha1(counter(n), digest)
  const last = sha1(digest, counter(0))
  const half = (fill: number): Buffer => sha1(xor(Buffer.alloc(64, fill), all(last, Buffer.alloc(44))))
  const key = all(half(0x36), half(0x5c)).subarray(0, bits / 8)
  const encrypt = (data: Uint8Array): Buffer => {
    const cipher = createCipheriv(`aes-${bits}-ecb`, key, null).setAutoPadding(false)
    return all(cipher.update(blocks(data)), cipher.final())
  }
  const verifier = randomBytes(16)
  const provider = wide('Microsoft Enhanced RSA and AES Cryptographic Provider\0')
  const algorithm = { 128: 0x660e, 192: 0x660f, 256: 0x6610 }[bits]
  const header = all(...[0x24, 0, algorithm, 0x8004, bits, 0x18, 0, 0].map(counter), provider)
  const proof = all(counter(16), salt, encrypt(verifier), counter(20), encrypt(sha1(verifier)))
  const info = all(Buffer.from([4, 0, 2, 0]), counter(0x24), counter(header.length), header, proof)
  return locked(info, pack.length, encrypt(pack))
}

function locked(info: Buffer, length: number, data: Buffer): Uint8Array {
  return compoundOf({ EncryptionInfo: info, EncryptedPackage: all(counter(length), counter(0), data) })
}
