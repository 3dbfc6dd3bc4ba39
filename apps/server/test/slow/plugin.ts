import { existsSync } from 'node:fs'
import { appendFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineConnector } from '@cx/core'

/**
 * A source that takes its time, and hangs at one document, deaf to every signal, while there is a file `hang`. With a file
 * `throw` it throws once where nobody can catch it.
 */
export default defineConnector({
  name: 'slow',
  title: 'Slow',
  description: 'For tests.',
  config: {
    type: 'object',
    required: ['folder', 'entries'],
    properties: {
      folder: { type: 'string', title: 'Folder' },
      entries: { type: 'integer', title: 'Entries' },
    },
  },
  auth: {},
  limits: { concurrency: 4 },
  connect: ({ config }) => config,
  check: async () => ({ account: 'slow' }),
  async *list({ entries }) {
    for (let i = 0; i < entries; i++) {
      const id = String(i).padStart(5, '0')
      yield { id, path: `${id}.txt`, version: '1', size: 20 }
      if (i % 50 === 49) yield { kind: 'checkpoint', cursor: id }
    }
  },
  async read({ folder }, { id }) {
    await appendFile(join(folder, 'reads.log'), `${id}\n`)
    if (id === '00030' && existsSync(join(folder, 'hang'))) await new Promise(() => setInterval(() => {}, 1_000))
    if (id === '00030' && existsSync(join(folder, 'throw'))) {
      await rm(join(folder, 'throw'))
      setImmediate(() => {
        throw new Error('Nobody catches this.')
      })
    }
    await sleep(20)
    return { body: `Document number ${id}.`, mimeType: 'text/plain' }
  },
})
