import { openCompoundFile } from '../cfb.ts'
import type { Limits } from '../format.ts'
import { decryptAgile } from './package-agile.ts'
import { decryptStandard } from './package-standard.ts'

/**
 * Excel encrypts with it what is protected against changes only, and opens that again without asking ([MS-OFFCRYPTO]
 * 2.4.2.3).
 */
export const defaultPassword = 'VelvetSweatshop'

/**
 * The OOXML package inside a compound file that is encrypted with the default password; undefined where it is
 * encrypted with another one, or damaged.
 */
export function openByDefaultPassword(bytes: Uint8Array, limits: Limits): Uint8Array<ArrayBuffer> | undefined {
  try {
    const file = openCompoundFile(bytes, limits)
    const info = asBuffer(file.stream('EncryptionInfo'))
    const content = asBuffer(file.stream('EncryptedPackage'))
    if (info.length < 24 || content.length < 24) return undefined
    const password = Buffer.from(defaultPassword, 'utf16le')
    const data = content.subarray(8)
    const agile = info.readUInt16LE(0) === 4 && info.readUInt16LE(2) === 4
    const open = agile
      ? decryptAgile(info.toString('utf8', 8), data, password)
      : info.readUInt16LE(2) === 2
        ? decryptStandard(info, data, password)
        : undefined
    if (open === undefined || open.readUInt16BE(0) !== 0x504b) return undefined
    return new Uint8Array(open.subarray(0, Math.min(open.length, content.readUInt32LE(0))))
  } catch {
    // Chains that turn in a circle, keys of impossible lengths: what is left is that it is encrypted.
    return undefined
  }
}

function asBuffer(stream: Uint8Array | undefined): Buffer {
  return stream ? Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength) : Buffer.alloc(0)
}
