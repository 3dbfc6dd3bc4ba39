// Run by Node, Bun and Deno alike: `main.ts <url> <key> <folder>`. Prints what it saw as one line of JSON.
import process from 'node:process'
import { CxClient } from '../../../../packages/client/src/index.ts'
import { life } from './life.ts'

const [baseUrl = '', apiKey = '', root = ''] = process.argv.slice(2)
const client = new CxClient({ baseUrl, apiKey })
const nowhere = new CxClient({ baseUrl: 'http://127.0.0.1:1', apiKey, retries: 0 })
console.log(JSON.stringify(await life({ client, nowhere, root, canSendStreams: true })))
