import { hash } from 'node:crypto'
import { defaultPassword } from './default-password.ts'
import { rc4, xor } from './rc4.ts'

const filePass = 0x002f
/** BOF, FilePass, UsrExcl, FileLock, InterfaceHdr, RRDInfo, RRDHead: never encrypted ([MS-XLS] 2.2.10). */
const open: ReadonlySet<number> = new Set([0x0809, filePass, 0x0194, 0x0195, 0x00e1, 0x0196, 0x0138])
const boundSheet = 0x0085
const blockBytes = 1024

/** Decrypts the bytes of one record in place; `at` is where they begin in the stream, `from` the first encrypted one. */
type Decrypt = (stream: Uint8Array, at: number, end: number, from: number) => void

/** The workbook stream as it was before it was encrypted with Excel's default password; undefined with another one. */
export function decryptXls(stream: Uint8Array): Uint8Array | undefined {
  const out = Buffer.from(stream)
  let decrypt: Decrypt | undefined
  for (let at = 0; at + 4 <= out.length; ) {
    const type = out.readUInt16LE(at)
    const start = at + 4
    const end = Math.min(out.length, start + out.readUInt16LE(at + 2))
    if (type === filePass && decrypt === undefined) {
      decrypt = readFilePass(out.subarray(start, end))
      if (decrypt === undefined) return undefined
    } else if (decrypt && !open.has(type)) decrypt(out, start, end, type === boundSheet ? start + 4 : start)
    at = start + out.readUInt16LE(at + 2)
  }
  return out
}

function readFilePass(pass: Buffer): Decrypt | undefined {
  // Excel 5 and 95 know one way only and do not name it.
  if (pass.length === 4) return obfuscated(pass.readUInt16LE(0), pass.readUInt16LE(2))
  if (pass.length < 6) return undefined
  if (pass.readUInt16LE(0) === 0) return obfuscated(pass.readUInt16LE(2), pass.readUInt16LE(4))
  const isPlain = pass.readUInt16LE(2) === 1
  if (isPlain)
    return pass.length >= 54 ? byBlocks(plainKeys(pass.subarray(6, 22)), pass.subarray(22, 54), 'md5') : undefined
  return readCryptoApi(pass.subarray(6))
}

/** [MS-OFFCRYPTO] 2.3.5.1: flags, the length of the header, the header, the verifier. */
function readCryptoApi(info: Buffer): Decrypt | undefined {
  if (info.length < 8) return undefined
  const verifier = 8 + info.readUInt32LE(4)
  if (verifier + 60 > info.length || info.readUInt32LE(16) !== 0x6801) return undefined
  const bits = info.readUInt32LE(24) || 40
  if (bits % 8 !== 0 || bits < 40 || bits > 128) return undefined
  const salt = info.subarray(verifier + 4, verifier + 20)
  const first = hash('sha1', Buffer.concat([salt, Buffer.from(defaultPassword, 'utf16le')]), 'buffer')
  const key = (block: number): Buffer => {
    const own = hash('sha1', Buffer.concat([first, counter(block)]), 'buffer').subarray(0, bits / 8)
    return bits === 40 ? Buffer.concat([own, Buffer.alloc(11)]) : own
  }
  return byBlocks(
    key,
    Buffer.concat([info.subarray(verifier + 20, verifier + 36), info.subarray(verifier + 40, verifier + 60)]),
    'sha1',
  )
}

/** RC4 without CryptoAPI ([MS-OFFCRYPTO] 2.3.6.2). */
function plainKeys(salt: Buffer): (block: number) => Buffer {
  const md5 = (bytes: Uint8Array): Buffer => hash('md5', bytes, 'buffer')
  const short = md5(Buffer.from(defaultPassword, 'utf16le')).subarray(0, 5)
  const base = md5(Buffer.concat(Array.from({ length: 16 }, () => Buffer.concat([short, salt])))).subarray(0, 5)
  return (block) => md5(Buffer.concat([base, counter(block)]))
}

function counter(block: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(block)
  return bytes
}

/** A key for each kilobyte of the stream. `verifier` is 16 bytes and their hash, encrypted with the first. */
function byBlocks(keyOf: (block: number) => Buffer, verifier: Buffer, algorithm: string): Decrypt | undefined {
  const plain = xor(verifier, rc4(keyOf(0), verifier.length))
  if (!hash(algorithm, plain.subarray(0, 16), 'buffer').equals(plain.subarray(16))) return undefined
  let block = -1
  let keys = new Uint8Array(0)
  return (stream, _at, end, from) => {
    for (let n = from; n < end; n++) {
      const needed = Math.floor(n / blockBytes)
      if (needed !== block) {
        block = needed
        keys = new Uint8Array(rc4(keyOf(block), blockBytes))
      }
      stream[n] = stream[n]! ^ keys[n % blockBytes]!
    }
  }
}

/** XOR obfuscation ([MS-OFFCRYPTO] 2.3.7), with the rotations that Excel really makes. */
function obfuscated(key: number, verifier: number): Decrypt | undefined {
  const password = Buffer.from(defaultPassword, 'latin1')
  if (passwordVerifier(password) !== verifier) return undefined
  const pad = Buffer.concat([password, Buffer.from([0xbb])])
  const keys = pad.map((byte, n) => rotate(byte ^ (n % 2 === 0 ? key & 255 : key >> 8), 2))
  return (stream, at, end, from) => {
    for (let n = from; n < end; n++) stream[n] = rotate(stream[n]!, 3) ^ keys[(end + n - at) % 16]!
  }
}

function rotate(byte: number, left: number): number {
  return ((byte << left) | (byte >> (8 - left))) & 255
}

/** [MS-OFFCRYPTO] 2.3.7.1. */
function passwordVerifier(password: Buffer): number {
  let verifier = 0
  for (const byte of [password.length, ...password].reverse())
    verifier = (((verifier >> 14) & 1) | ((verifier << 1) & 0x7fff)) ^ byte
  return verifier ^ 0xce4b
}
