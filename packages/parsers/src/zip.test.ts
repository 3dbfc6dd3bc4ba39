import { crc32, deflateRawSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { defaultLimits, FormatError, type Limits } from './format.ts'
import { openZip } from './zip.ts'

function textsOf(bytes: Uint8Array, limits: Partial<Limits> = {}): Record<string, string> {
  const zip = openZip(bytes, { ...defaultLimits, ...limits })
  return Object.fromEntries(zip.entries.map((entry) => [entry.path, Buffer.from(zip.read(entry)).toString()]))
}
function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof FormatError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'read'
}
const two = zipSync({ 'a.txt': strToU8('alpha'), 'folder/ö.txt': strToU8('beta '.repeat(100)) })

/** One entry written with a data descriptor (sizes behind the data) and, when asked, zip64 fields and an old name. */
function handmade({
  zip64 = false,
  name = Buffer.from('a.txt'),
  content = Buffer.from('made by hand'),
  declared,
}: {
  zip64?: boolean
  name?: Buffer
  content?: Buffer
  declared?: number
} = {}): Uint8Array {
  const packed = deflateRawSync(content, { level: 1 })
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(8, 6)
  local.writeUInt16LE(8, 8)
  local.writeUInt16LE(name.length, 26)
  const descriptor = Buffer.alloc(16)
  descriptor.writeUInt32LE(0x08074b50)
  descriptor.writeUInt32LE(crc32(content), 4)
  descriptor.writeUInt32LE(packed.length, 8)
  descriptor.writeUInt32LE(content.length, 12)
  const extra = Buffer.alloc(zip64 ? 28 : 0)
  if (zip64) {
    extra.writeUInt16LE(1)
    extra.writeUInt16LE(24, 2)
    extra.writeBigUInt64LE(BigInt(content.length), 4)
    extra.writeBigUInt64LE(BigInt(packed.length), 12)
  }
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50)
  central.writeUInt16LE(8, 8)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 20)
  central.writeUInt32LE(zip64 ? 0xffffffff : (declared ?? content.length), 24)
  central.writeUInt16LE(name.length, 28)
  central.writeUInt16LE(extra.length, 30)
  central.writeUInt32LE(zip64 ? 0xffffffff : 0, 42)
  const before = Buffer.concat([local, name, packed, descriptor])
  const directory = Buffer.concat([central, name, extra])
  const end64 = Buffer.alloc(zip64 ? 76 : 0)
  if (zip64) {
    end64.writeUInt32LE(0x06064b50)
    end64.writeBigUInt64LE(1n, 32)
    end64.writeBigUInt64LE(BigInt(directory.length), 40)
    end64.writeBigUInt64LE(BigInt(before.length), 48)
    end64.writeUInt32LE(0x07064b50, 56)
    end64.writeBigUInt64LE(BigInt(before.length + directory.length), 64)
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(zip64 ? 0xffff : 1, 10)
  end.writeUInt32LE(zip64 ? 0xffffffff : directory.length, 12)
  end.writeUInt32LE(zip64 ? 0xffffffff : before.length, 16)
  return Buffer.concat([before, directory, end64, end])
}

describe('the ZIP reader', () => {
  it('reads stored and packed entries with names in any encoding', () => {
    expect(textsOf(two)).toEqual({ 'a.txt': 'alpha', 'folder/ö.txt': 'beta '.repeat(100) })
    expect(textsOf(handmade({ name: Buffer.from([0x61, 0x94, 0x2e, 0x74]) }))).toEqual({ 'aö.t': 'made by hand' })
    expect(textsOf(handmade({ name: Buffer.from('..\\..\\x/./y') }))).toEqual({ 'x/y': 'made by hand' })
  })

  it('reads zip64, data descriptors and archives with bytes in front', () => {
    expect(textsOf(handmade())).toEqual({ 'a.txt': 'made by hand' })
    expect(textsOf(handmade({ zip64: true }))).toEqual({ 'a.txt': 'made by hand' })
    expect(textsOf(Buffer.concat([Buffer.from('#!/bin/sh\n'), two]))['a.txt']).toBe('alpha')
  })

  it('falls back to local headers when the directory is missing', () => {
    expect(textsOf(two.subarray(0, two.length - 60))['a.txt']).toBe('alpha')
    expect(textsOf(handmade().subarray(0, 70))).toEqual({ 'a.txt': 'made by hand' })
    expect(openZip(two.subarray(0, two.length - 60), defaultLimits).recovered).toBe(true)
  })

  it('stops bombs by ratio, sum and count, whatever sizes they declare', () => {
    const bomb = zipSync({ zeros: new Uint8Array(8 * 1024 * 1024) }, { level: 9 })
    expect(codeOf(() => textsOf(bomb))).toBe('too_large: "zeros" unpacks to more than 200 times its size (a ZIP bomb?)')
    const lying = Buffer.from(bomb)
    lying.writeUInt32LE(10, lying.lastIndexOf('PK\x01\x02', undefined, 'latin1') + 24)
    expect(codeOf(() => textsOf(lying))).toMatch(/^too_large/)
    const many = zipSync(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`${n}`, new Uint8Array(100_000)])))
    expect(codeOf(() => textsOf(many, { maxInflatedBytes: 1024 * 1024 }))).toBe(
      'too_large: It unpacks to more than 1 MB (a ZIP bomb?)',
    )
    expect(codeOf(() => textsOf(many, { maxEntries: 29 }))).toBe('too_large: It has 30 members; at most 29 are read')
  })

  it('streams large entries under the same bounds', () => {
    const size = 3 * 1024 * 1024
    const declared = 40 * 1024 * 1024
    const noise = new Uint32Array(64 * 1024).map((_, n) => Math.imul(n, 2654435761))
    const bytes = handmade({ content: Buffer.alloc(size, Buffer.from(noise.buffer)), declared })
    const zip = openZip(bytes, defaultLimits)
    let total = 0
    let largest = 0
    zip.stream(zip.entries[0]!, (piece) => {
      total += piece.length
      largest = Math.max(largest, piece.length)
    })
    expect(total).toBe(size)
    expect(largest).toBeLessThan(128 * 1024)
    const zeros = openZip(
      handmade({ content: Buffer.alloc(size), name: Buffer.from('zeros'), declared }),
      defaultLimits,
    )
    expect(codeOf(() => zeros.stream(zeros.entries[0]!, () => undefined))).toMatch(/^too_large: "zeros"/)
  })

  it('says when it is locked, damaged or packed another way', () => {
    const locked = Buffer.from(handmade())
    const central = locked.indexOf('PK\x01\x02', 0, 'latin1')
    locked.writeUInt16LE(9, central + 8)
    expect(codeOf(() => textsOf(locked))).toMatch(/^encrypted: "a.txt"/)
    const lzma = Buffer.from(handmade())
    lzma.writeUInt16LE(14, central + 10)
    expect(codeOf(() => textsOf(lzma))).toMatch(/^unsupported_type: .*method 14/)
    const broken = Buffer.from(handmade())
    broken.fill(0xff, 35, 45)
    expect(codeOf(() => textsOf(broken))).toMatch(/^corrupt: "a.txt"/)
    expect(codeOf(() => textsOf(Buffer.from('PK\x03\x04 nothing')))).toMatch(/^corrupt: .*directory is damaged/)
  })
})
