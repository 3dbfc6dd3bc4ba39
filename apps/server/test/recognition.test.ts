import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { png, scanned, scanPdf } from '../../../packages/ocr-tesseract/test/pictures.ts'
import { type Running, start } from './harness.ts'
import { runCx } from './process-host.ts'

// Text recognition through the whole host: switched on, it reads what was there before. The tests build on each other.

describe('text recognition', () => {
  let cx: Running
  let id: string
  const search = async (query: string) =>
    (await cx.call('POST', '/search', { query })).data.results.map((hit: { path: string }) => hit.path)
  const document = async (path: string) => {
    const { data } = await cx.call('GET', `/connectors/${id}/documents`)
    const { id: documentId } = data.find((one) => one.path === path)!
    return (await cx.call('GET', `/connectors/${id}/documents/${documentId}`)).data
  }

  beforeAll(async () => {
    cx = await start()
    await cx.write(
      'scan.pdf',
      scanPdf([await scanned(['The walrus wrote to the harbour master.', 'Nobody answered.'])]),
    )
    await cx.write('photo.png', png(await scanned(['A pelican came by the same post.'])))
    await cx.write('plain.txt', 'The heron stands still.')
    const made = await cx.call('POST', '/connectors', {
      name: 'Letters',
      type: 'filesystem',
      collection: 'letters',
      config: { root: cx.folder },
    })
    id = made.data.id
  })
  afterAll(() => cx?.close())

  test('is off unless asked for', async () => {
    expect(await cx.sync(id)).toMatchObject({ status: 'partial' })
    expect(await search('walrus')).toEqual([])
    expect(await search('pelican')).toEqual([])
    expect(await document('scan.pdf')).toMatchObject({ status: 'failed', error: { code: 'no_text_layer' } })
  })

  test('switched on, it reads what was there before', async () => {
    await cx.restart({ CX_OCR: 'tesseract' })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed' })
    expect(await search('walrus harbour')).toEqual(['scan.pdf'])
    expect(await search('"pelican came by"')).toEqual(['photo.png'])
    expect(await search('heron')).toEqual(['plain.txt'])
    expect(await document('scan.pdf')).toMatchObject({
      status: 'indexed',
      metadata: { ocr: true, ocrConfidence: expect.any(Number) },
    })
  })

  test('reads nothing twice while nothing changes', async () => {
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { collected: 0 } })
  })
})

test('a language that is not installed ends the start with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cx-ocr-'))
  const env = { CX_DATA_DIR: folder, CX_API_KEY: 'key-for-the-test-000', CX_OCR: 'tesseract' }
  const failed = await runCx({ ...env, CX_OCR_LANGUAGES: 'eng,kat' }, 'serve', '--port', '0')
  expect(failed).toMatchObject({ code: 1, err: expect.stringContaining('npm install @tesseract.js-data/kat') })
  const absent = await runCx({ ...env, CX_OCR: '@acme/ocr' }, 'serve', '--port', '0')
  expect(absent).toMatchObject({ code: 1, err: expect.stringContaining('npm install @acme/ocr') })
  const doctor = await runCx({ ...env, CX_OCR_LANGUAGES: 'eng' }, 'doctor', '--json')
  expect(doctor.out).toContain('tesseract@7.0.0 reads eng')
  await rm(folder, { recursive: true })
})
