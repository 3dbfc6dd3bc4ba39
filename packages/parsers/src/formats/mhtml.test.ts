import { describe, expect, it } from 'vitest'
import { parseBytes } from '../parse.ts'

const encode = (lines: readonly string[]): Uint8Array<ArrayBuffer> => new TextEncoder().encode(lines.join('\r\n'))

async function read(bytes: Uint8Array<ArrayBuffer>) {
  const outcome = await parseBytes({ bytes, filename: 'page.mhtml' })
  if (!outcome.ok) throw new Error(outcome.message)
  return { ...outcome.document, text: outcome.document.chunks.map(({ text, overlap }) => text.slice(overlap)).join('') }
}

const parts = [
  'MIME-Version: 1.0',
  'Content-Type: multipart/related; type="text/html"; boundary="b"',
  '',
  '--b',
  'Content-Type: text/html',
  'Content-Transfer-Encoding: quoted-printable',
  'Content-Location: https://x.org/a/page.html',
  '',
  '<html lang=3D"cs"><head><meta charset=3D"windows-1250"><title>=C8aj</title><meta name=3D"author" content=3D"Ada"></head>',
  '<body><h1>=C8aj</h1><p>See <a href=3D"next.html">next</a>.</p></body></html>',
  '--b',
  'Content-Type: text/css',
  'Content-Location: https://x.org/a/page.css',
  '',
  'p { color: red }',
  '--b',
  'Content-Type: text/xml',
  '',
  '<xml/>',
  '--b--',
  '',
]

describe('pages saved as one file', () => {
  it('are read as the page, not as a message', async () => {
    const head = [
      'From: <Saved by Blink>',
      'Snapshot-Content-Location: https://x.org/a/page.html',
      'Subject: Saved',
      'Date: Tue, 2 Mar 2021 10:00:00 +0000',
    ]
    const page = await read(encode([...head, ...parts]))
    expect(page).toMatchObject({
      title: 'Čaj',
      author: 'Ada',
      language: 'cs',
      createdAt: '2021-03-02T10:00:00.000Z',
      metadata: { url: 'https://x.org/a/page.html' },
    })
    expect(page.text).toBe('# Čaj\n\nSee [next](https://x.org/a/next.html).')
    expect(page.children).toBeUndefined()
  })

  it('have no sender where an office program saved them', async () => {
    const page = await read(encode(parts))
    expect(page.text).toBe('# Čaj\n\nSee [next](next.html).')
    expect(page.author).toBe('Ada')
  })

  it('are messages where somebody sent them', async () => {
    const mail = await read(encode(['From: Ada <ada@x.org>', 'To: Bob <bob@x.org>', 'Subject: Tea', ...parts]))
    expect(mail.text).toContain('- From: Ada <ada@x.org>')
    expect(mail.text).toContain('# Čaj')
  })
})
