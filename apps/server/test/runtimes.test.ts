import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'
import { bunBinary, denoBinary } from './runtimes/binaries.ts'
import { launchBrowser, type SourcePages, servePages } from './runtimes/browser.ts'
import type { Seen } from './runtimes/life.ts'

const main = fileURLToPath(new URL('./runtimes/main.ts', import.meta.url))
const paths = ['inbox/blob.md', 'inbox/bytes.txt', 'inbox/text.md']

function whatIsSeen(extra: readonly string[]): Seen {
  return {
    uploaded: ['inbox/text.md', 'inbox/bytes.txt', 'inbox/blob.md'],
    lastEvent: 'end',
    indexed: 3,
    afterStream: extra.length,
    listed: [...paths, ...extra].sort(),
    found: [...paths, ...extra].sort(),
    content: expect.stringContaining('A narwhal.') as unknown as string,
    failure: { code: 'not_found', status: 404, requestId: true },
    mistakes: expect.arrayContaining(['/name', '/config/root']) as unknown as readonly string[],
    unreachable: 'network',
    aborted: 'AbortError',
    deleted: true,
  }
}

describe('the client runs wherever fetch does', () => {
  let cx: Running
  let pages: SourcePages
  let browser: Browser
  beforeAll(async () => {
    pages = await servePages()
    cx = await start({ CX_CORS_ORIGINS: `${pages.origin},https://app.example.com` })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await pages?.close()
    await cx?.close()
  })
  const folder = async (name: string) => {
    const path = join(cx.folder, name)
    await mkdir(path)
    return path
  }

  test.each([
    ['Node', () => process.execPath, []],
    ['Bun', bunBinary, []],
    ['Deno', denoBinary, ['run', '--no-config', '--no-remote', '--allow-net']],
  ] as const)('%s', async (name, binary, flags) => {
    const child = spawn(binary(), [...flags, main, cx.url, cx.key, await folder(name)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    })
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
    expect(err).toBe('')
    expect(JSON.parse(out)).toEqual(whatIsSeen(['inbox/stream.txt']))
  })

  const runIn = async (origin: string, root: string) => {
    const page = await browser.newPage()
    await page.goto(origin)
    try {
      const call = [cx.url, cx.key, root].map((argument) => JSON.stringify(argument)).join()
      return await page.evaluate(`runLife(${call}).catch(String)`)
    } finally {
      await page.close()
    }
  }

  test('Chromium, from a page of an origin that was allowed', async () => {
    expect(await runIn(pages.origin, await folder('Chromium'))).toEqual(whatIsSeen([]))
  })

  test('a page of any other origin reads nothing', async () => {
    const stranger = await servePages()
    try {
      expect(await runIn(stranger.origin, await folder('stranger'))).toMatch(/^CxError: POST .* got no answer/)
    } finally {
      await stranger.close()
    }
    const asked = async (origin: string) => {
      const { headers } = await fetch(`${cx.url}/api/v1/connectors`, { headers: { Origin: origin } })
      return [headers.get('access-control-allow-origin'), headers.get('vary')]
    }
    expect(await asked('https://app.example.com')).toEqual(['https://app.example.com', 'Origin'])
    expect(await asked('https://evil.example.com')).toEqual([null, 'Origin'])
    const shut = await start()
    const { headers, status } = await fetch(`${shut.url}/api/v1/connectors`, {
      method: 'OPTIONS',
      headers: { Origin: pages.origin, 'Access-Control-Request-Method': 'POST' },
    })
    await shut.close()
    expect([status, headers.get('access-control-allow-origin')]).toEqual([404, null])
  })

  test('/docs is a page without errors, that asks for nothing else and fits a telephone', async () => {
    const page = await browser.newPage()
    const told: string[] = []
    const asked: string[] = []
    page.on('console', (message) => told.push(message.text()))
    page.on('pageerror', (error) => told.push(String(error)))
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) asked.push(request.url())
    })
    await page.setViewport({ width: 390, height: 844 })
    await page.goto(`${cx.url}/docs#startSync`)
    // As text: the types of a page are not those of this program.
    const seen = (await page.evaluate(`({
      top: Math.round(document.querySelector('#startSync').getBoundingClientRect().top),
      width: document.documentElement.scrollWidth,
      dead: [...document.querySelectorAll('a[href^="#"]')].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id)),
      articles: document.querySelectorAll('article').length,
    })`)) as { readonly top: number; readonly width: number; readonly dead: string[]; readonly articles: number }
    await page.close()
    expect(told).toEqual([])
    expect(asked).toEqual([`${cx.url}/docs#startSync`])
    expect(seen).toMatchObject({ width: 390, dead: [] })
    expect(seen.articles).toBeGreaterThan(60)
    expect(seen.top).toBeLessThan(100)
  })

  test('what a page may read: the limits, the request id, errors', async () => {
    const page = await browser.newPage()
    await page.goto(pages.origin)
    const read = await page.evaluate(async (url) => {
      const response = await fetch(`${url}/api/v1/connectors`, { headers: { Authorization: 'Bearer nonsense' } })
      const { error } = (await response.json()) as { error: { code: string } }
      return { code: error.code, requestId: response.headers.get('x-request-id') }
    }, cx.url)
    await page.close()
    expect(read).toEqual({ code: 'unauthorized', requestId: expect.stringMatching(/^req_/) })
  })
})
