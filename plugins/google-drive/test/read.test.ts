import { expect, it } from 'vitest'
import { withoutImages } from '../src/images.ts'
import { document, failure } from './fake/server.ts'
import { fake, open, refusal } from './harness.ts'

it('exports a document as Markdown without its images', async () => {
  await using drive = await fake()
  drive.add('Plan', { mimeType: document, content: '# Plan\n\nGo.', extra: { description: 'images 5000' } })
  const session = await open(drive)
  const [entry] = await session.list()
  expect(await session.text(entry)).toBe('A chart\n\n# Plan\n\nGo.\n\n')
})

it.each([1, 7, 64, 100_000])('strips images whatever the pieces (%i bytes each)', async (size) => {
  const text = `# Ünïcode\n![][image1] and ![chart][image12] ![inline](data:image/png;base64,AAAA) [link](https://a)\n\n[image1]: <data:image/png;base64,${'A'.repeat(5_000)}>\n\n[image12]: <data:image/png;base64,${'B'.repeat(3_000)}>\n[note]: https://b\nend`
  const bytes = new TextEncoder().encode(text)
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size))
      controller.close()
    },
  })
  expect(await new Response(withoutImages(pieces)).text()).toBe(
    '# Ünïcode\n and chart inline [link](https://a)\n\n\n[note]: https://b\nend',
  )
})

it('goes down the ladder when an export is too large', async () => {
  await using drive = await fake()
  drive.exportLimit = 1_000
  drive.add('Images', { mimeType: document, content: 'short', extra: { description: 'images 2000' } })
  drive.add('Long', { mimeType: document, content: `long ${'x'.repeat(2_000)}` })
  const session = await open(drive)
  const [images, long] = await session.list()
  // Plain text is small enough.
  expect(await session.text(images)).toBe('short')
  expect(drive.count('GET /files/:id/export')).toBe(2)
  // Then the link that has no limit, then what Google prepares.
  expect(await session.text(long)).toMatch(/^long x{2000}/)
  expect(drive.count('POST /files/:id/download')).toBe(0)
  drive.linksWork = false
  expect(await session.text(long)).toMatch(/^long x{2000}/)
  drive.before = (route) => (route.includes('/download') ? failure(403, 'forbidden', 'No.') : undefined)
  expect(await refusal(session.text(long))).toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('10 MB'),
  })
})

it('takes another format where there is none of the first, and fails the document alone where there is no other', async () => {
  await using drive = await fake()
  drive.add('Plan', { mimeType: document, content: 'the plan' })
  drive.add('Drawing', { mimeType: 'application/vnd.google-apps.drawing' })
  for (const type of ['text/markdown', 'application/pdf']) drive.noConversions.add(type)
  const session = await open(drive)
  const [plan, drawing] = await session.list()
  expect(await session.text(plan)).toBe('the plan')
  drive.before = (route) =>
    route.includes('/download') ? failure(400, 'badRequest', 'The requested conversion is not supported.') : undefined
  expect(await refusal(session.text(drawing))).toMatchObject({
    code: 'unprocessable',
    message: expect.stringContaining('conversion is not supported'),
  })
})

it.each([
  [
    'a page to sign in at',
    () => new Response('<html>Sign in</html>', { headers: { 'content-type': 'text/html; charset=utf-8' } }),
  ],
  ['a refusal of the token', () => new Response('', { status: 401 })],
])('takes no %s for the document', async (_, answer) => {
  await using drive = await fake()
  drive.exportLimit = 10
  drive.add('Long', { mimeType: document, content: 'x'.repeat(100) })
  const asked: string[] = []
  const signIn: typeof globalThis.fetch = async (input, init) => {
    if (!String(input).includes('/link/')) return fetch(input, init)
    asked.push(String(input))
    return answer()
  }
  const session = await open(drive, { fetch: signIn })
  const [entry] = await session.list()
  expect(await session.text(entry)).toBe('x'.repeat(100))
  expect(asked.length).toBeGreaterThan(0)
  expect(drive.count('POST /files/:id/download')).toBe(1)
})

it('follows redirects without handing credentials on', async () => {
  await using drive = await fake()
  await using stranger = await fake()
  let leaked: string | null = 'not asked'
  drive.add('a.bin', { content: 'redirected' })
  const target = `${stranger.url.replace('127.0.0.1', 'localhost')}/anything`
  drive.before = (_, url) => (url.searchParams.get('alt') === 'media' ? Response.redirect(target, 302) : undefined)
  const watching: typeof globalThis.fetch = async (input, init) => {
    if (String(input).startsWith(target)) {
      leaked = new Headers(init?.headers).get('authorization')
      return new Response('redirected')
    }
    return fetch(input, init)
  }
  const session = await open(drive, { fetch: watching })
  const [entry] = await session.list()
  expect(await session.text(entry)).toBe('redirected')
  expect(leaked).toBeNull()
})

it.each([
  ['cannotDownloadFile', 403, 'unprocessable'],
  ['cannotDownloadAbusiveFile', 403, 'unprocessable'],
  ['fileNotDownloadable', 403, 'unprocessable'],
  ['insufficientFilePermissions', 403, 'forbidden'],
  ['domainPolicy', 403, 'forbidden'],
  ['appNotAuthorizedToFile', 403, 'forbidden'],
  ['notFound', 404, 'not_found'],
  ['badRequest', 400, 'unprocessable'],
  ['backendError', 503, 'unavailable'],
])('%s while reading is %i and means %s', async (reason, status, code) => {
  await using drive = await fake()
  drive.add('a.bin', { content: 'x' })
  const session = await open(drive)
  const [entry] = await session.list()
  drive.before = () => failure(status, reason, 'Said by Google.')
  expect(await refusal(session.text(entry))).toMatchObject({ code, message: expect.stringContaining('Said by Google') })
})

it('acknowledges what Google takes for malware only when told to', async () => {
  await using drive = await fake()
  drive.add('a.bin', { content: 'x' })
  drive.before = (_, url) =>
    url.searchParams.get('alt') === 'media' && url.searchParams.get('acknowledgeAbuse') !== 'true'
      ? failure(403, 'cannotDownloadAbusiveFile', 'Malware.')
      : undefined
  const careful = await open(drive)
  expect(await refusal(careful.text((await careful.list())[0]))).toMatchObject({ code: 'unprocessable' })
  const bold = await open(drive, { config: { acknowledgeAbuse: true } })
  expect(await bold.text((await bold.list())[0])).toBe('x')
})
