import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import chromium, { inflate } from '@sparticuz/chromium'
import puppeteer, { type Browser } from 'puppeteer-core'

const root = fileURLToPath(new URL('../../../../', import.meta.url))

const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">
import { CxClient } from '/packages/client/src/index.ts'
import { life } from '/apps/server/test/runtimes/life.ts'
globalThis.runLife = (baseUrl, apiKey, root) => life({
  client: new CxClient({ baseUrl, apiKey, retries: 0 }),
  nowhere: new CxClient({ baseUrl: 'http://127.0.0.1:1', apiKey, retries: 0 }),
  root,
  canSendStreams: false,
})
</script>`

const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..', 'bin')

/** Chromium out of an npm package, with its web security on. What it needs of a system comes in the package as well. */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.CX_CHROMIUM
  if (own === undefined && (process.platform !== 'linux' || process.arch !== 'x64'))
    throw new Error('The package has Chromium for Linux on x64; name another one with CX_CHROMIUM.')
  chromium.setGraphicsMode = false
  const libraries = own === undefined ? await inflate(join(packed, 'al2023.tar.br')) : ''
  return puppeteer.launch({
    executablePath: own ?? (await chromium.executablePath()),
    headless: 'shell',
    env: { ...process.env, ...(own === undefined && { LD_LIBRARY_PATH: join(libraries, 'lib') }) },
    // Root, as in most containers, has no sandbox.
    args: ['--no-sandbox', '--disable-gpu', '--no-zygote', '--font-render-hinting=none'],
  })
}

export interface SourcePages {
  readonly origin: string
  close(): Promise<void>
}

/** Serves this repository's TypeScript as the JavaScript it is without its types: a page of another origin than the host's. */
export async function servePages(): Promise<SourcePages> {
  const server: Server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname
    if (!path.endsWith('.ts')) {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(page)
      return
    }
    const source = await readFile(root + path, 'utf8')
    response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(stripTypeScriptTypes(source))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
}
