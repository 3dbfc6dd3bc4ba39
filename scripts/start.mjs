// `npx pnpm@10 start`: builds what is stale, starts the server, and on the first run syncs the docs folder and searches it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = resolve(root, 'apps/server/dist/cli.js')
const {
  CX_HOST: host = '127.0.0.1',
  CX_PORT: port = '8080',
  CX_DATA_DIR: folder = resolve(root, 'data'),
  CX_LOG_LEVEL: level = 'warn',
  CX_API_KEY: givenKey,
} = process.env
const dataDir = resolve(folder)
const env = { ...process.env, CX_DATA_DIR: dataDir, CX_LOG_LEVEL: level }
const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
const keyFile = resolve(dataDir, 'api-key')

build()
const firstRun = !existsSync(keyFile) && !givenKey
const server = spawn(process.execPath, [cli, 'serve'], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    stopping = true
    server.kill('SIGTERM')
  })
server.on('exit', (code) => process.exit(stopping ? 0 : (code ?? 1)))

await ready()
if (firstRun) welcome()
goodbye()

/** Only what changed is built again; turbo keeps the rest. */
function build() {
  const args = ['run', 'build', '--filter=@cx/server...', '--output-logs=errors-only']
  const { status } = spawnSync(resolve(root, 'node_modules/.bin/turbo'), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_PRINT_VERSION_DISABLED: '1' },
  })
  if (status !== 0) {
    console.error('The build failed: see above.')
    process.exit(1)
  }
}

async function ready() {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100))
    try {
      if ((await fetch(`${url}/readyz`)).ok) return
    } catch {
      // Not listening yet.
    }
  console.error(`The server did not become ready at ${url} within a minute.`)
  server.kill('SIGTERM')
}

/** Shows in one minute what it is for, on the documents that came along. */
function welcome() {
  const config = JSON.stringify({ root: resolve(root, 'docs') })
  console.log('\nFirst run: a connector on the docs folder.')
  cx('connectors', 'create', 'filesystem', '--name', 'cx docs', '--collection', 'docs', '--config', config)
  cx('sync', 'cx docs')
  console.log('\nA search for "connector":\n')
  cx('search', 'connector', '--limit', '3')
}

function cx(...args) {
  const { status } = spawnSync(process.execPath, [cli, '--url', url, ...args], { cwd: root, env, stdio: 'inherit' })
  if (status !== 0 && status !== 3) console.error(`"cx ${args.join(' ')}" failed; the server runs on.`)
}

function goodbye() {
  const key = givenKey ? '$CX_API_KEY' : `$(cat ${keyFile})`
  console.log(`
cx runs at ${url}. The API is described at ${url}/docs.
${givenKey ? 'The API key is the one in CX_API_KEY.' : `The API key is in ${keyFile}.`}

  curl -H "Authorization: Bearer ${key}" ${url}/api/v1/connectors
  curl -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' -d '{"query": "connector"}' ${url}/api/v1/search
  npx pnpm@10 cx search connector

Ctrl+C stops it.`)
}
