import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { releaseMemory } from '../memory.ts'
import { stepBack } from '../step-back.ts'
import { Connection } from './connection.ts'
import { migrate } from './migrations.ts'
import { readerMethods } from './reads.ts'
import type { Answer, Call, Joined, ThreadData } from './thread.ts'
import { writerMethods } from './writer.ts'

const settledMs = 1_000

const { role, file } = workerData as ThreadData
const port = parentPort
if (port === null) throw new Error('This file is run as a worker thread by openSqliteStore.')

if (role === 'writer') stepBack()
const db = new Connection({ file, readonly: role === 'reader', cacheMb: 16 })
if (role === 'writer') migrate(db)
const methods = (role === 'writer' ? writerMethods(db) : readerMethods(db)) as unknown as Readonly<
  Record<string, ((...args: readonly unknown[]) => unknown) | undefined>
>

async function answer({ id, method, args }: Call): Promise<Answer> {
  try {
    const work = methods[method]
    if (work === undefined) throw new Error(`The ${role} has no method ${method}.`)
    return { id, ok: true, value: await work(...args) }
  } catch (error) {
    const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown }
    return {
      id,
      ok: false,
      name: String(name ?? 'Error'),
      code: String(code ?? 'unknown'),
      message: String(message ?? error),
    }
  }
}

// One call at a time: a method that awaits between statements must not meet another's transaction.
let queue: Promise<void> = Promise.resolve()
serve(port)

function serve(caller: MessagePort): void {
  caller.on('message', (message: Call | Joined) => {
    if ('port' in message) serve(message.port)
    else queue = queue.then(async () => caller.postMessage(await answer(message)))
  })
}

// Loading leaves more garbage than a thread makes in a day.
setTimeout(releaseMemory, settledMs).unref()
