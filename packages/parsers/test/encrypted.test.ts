import type { ParseOutcome } from '@cx/core/engine'
import { CFB, utils, write } from '@e965/xlsx'
import { describe, expect, it } from 'vitest'
import { parseBytes } from '../src/parse.ts'
import { compoundOf } from './make-documents.ts'
import { lockAgile, lockStandard, lockWithCryptoApi, lockWithRc4, lockWithXor } from './make-encrypted.ts'

const standard = 'VelvetSweatshop'
/** Of the password above, and of "another". */
const verifiers = { own: 0x9a0a, other: 0x1234 }

function made(bookType: 'xlsx' | 'xlsb' | 'biff8'): Uint8Array<ArrayBuffer> {
  const book = utils.book_new()
  const rows = Array.from({ length: 300 }, (_, n) => [`entry ${n}`, n * 1.5])
  utils.book_append_sheet(book, utils.aoa_to_sheet([['word', 'number'], ...rows]), 'Closed sheet')
  return new Uint8Array(write(book, { type: 'buffer', bookType, bookSST: true }) as Uint8Array)
}

function stream(): Uint8Array {
  const file = CFB.read(Buffer.from(made('biff8')), { type: 'buffer' })
  return new Uint8Array(CFB.find(file, 'Workbook')!.content as Uint8Array)
}

async function read(bytes: Uint8Array, filename: string): Promise<ParseOutcome> {
  return await parseBytes({ bytes: new Uint8Array(bytes), filename })
}

function expectText(outcome: ParseOutcome): void {
  expect(outcome.ok || outcome.message).toBe(true)
  const text = outcome.ok ? outcome.document.chunks.map((chunk) => chunk.text.slice(chunk.overlap)).join('') : ''
  expect(text).toContain('## Closed sheet\n\n| word | number |')
  expect(text).toContain('| entry 299 | 448.5 |')
}

describe('workbooks that Excel opens without asking for their password', () => {
  it.each([
    ['RC4', (password: string) => lockWithRc4(stream(), password)],
    ['RC4 of 40 bits by CryptoAPI', (password: string) => lockWithCryptoApi(stream(), password, 40)],
    ['RC4 of 128 bits by CryptoAPI', (password: string) => lockWithCryptoApi(stream(), password, 128)],
    [
      'XOR',
      (password: string) => lockWithXor(stream(), password, password === standard ? verifiers.own : verifiers.other),
    ],
  ])('xls, %s', async (_, lock) => {
    expectText(await read(compoundOf({ Workbook: lock(standard) }), 'a.xls'))
    expect(await read(compoundOf({ Workbook: lock('another') }), 'a.xls')).toMatchObject({
      ok: false,
      code: 'encrypted',
    })
  })

  it.each([
    ['agile, SHA-512', 'xlsx', (bytes: Uint8Array, password: string) => lockAgile(bytes, password)],
    [
      'agile, SHA-1 and 128 bits',
      'xlsb',
      (bytes: Uint8Array, password: string) => lockAgile(bytes, password, { algorithm: 'SHA1', bits: 128 }),
    ],
    ['standard', 'xlsx', (bytes: Uint8Array, password: string) => lockStandard(bytes, password, 128)],
    ['standard of 256 bits', 'xlsb', (bytes: Uint8Array, password: string) => lockStandard(bytes, password, 256)],
  ] as const)('%s, %s', async (_, bookType, lock) => {
    const bytes = made(bookType)
    expectText(await read(lock(bytes, standard), `a.${bookType}`))
    const other = await read(lock(bytes, 'another'), `a.${bookType}`)
    expect(other).toMatchObject({ ok: false, code: 'encrypted' })
  })

  it('does not work for minutes at a password, and takes damage for damage', async () => {
    const bytes = Buffer.from(lockAgile(made('xlsx'), standard))
    const at = bytes.indexOf('spinCount="1000"')
    bytes.write('spinCount="9e99"', at)
    expect(await read(bytes, 'a.xlsx')).toMatchObject({ ok: false, code: 'encrypted' })
    const cut = compoundOf({ EncryptionInfo: Buffer.alloc(600, 4), EncryptedPackage: Buffer.alloc(600) })
    expect(await read(cut, 'a.xlsx')).toMatchObject({ ok: false, code: 'encrypted' })
  })
})
