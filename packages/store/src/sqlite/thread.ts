import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { FencedError } from '@cx/core/engine'
import { storeError } from './errors.ts'

/** A worker's first message, then one for each call. */
export interface Call {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

/** Another thread that calls. */
export interface Joined {
  readonly port: MessagePort
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly name: string; readonly code: string; readonly message: string }

export interface ThreadData {
  readonly role: 'writer' | 'reader'
  readonly file: string
}

interface Waiting {
  resolve(value: never): void
  reject(error: Error): void
}

/** Beside source there is source, beside what was built there is what was built. */
const source = import.meta.url.endsWith('.ts')

/** Calls to a thread, from the one that started it or, through a port of its own, from another. */
export class Calls<M extends object> {
  readonly #to: Worker | MessagePort
  readonly #waiting = new Map<number, Waiting>()
  #next = 0
  #failure: Error | undefined
  /** Once it is being ended the process waits for that: an answer that still comes must not let it go. */
  protected ending = false

  constructor(to: Worker | MessagePort) {
    this.#to = to
    const events = to as Pick<Worker, 'on'>
    events.on('message', (answer: Answer) => this.#settle(answer))
    events.on('error', (error: Error) => this.#fail(error))
    for (const end of ['exit', 'close']) events.on(end, () => this.#fail(storeError('closed', 'The store is closed.')))
    to.unref()
  }

  call<K extends keyof M & string>(
    method: K,
    ...args: M[K] extends (...args: infer A) => unknown ? A : never
  ): M[K] extends (...args: never[]) => infer R ? Promise<Awaited<R>> : never {
    const answer = new Promise<never>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure)
        return
      }
      const id = this.#next++
      if (this.#waiting.size === 0) this.#to.ref()
      this.#waiting.set(id, { resolve, reject })
      this.#to.postMessage({ id, method, args } satisfies Call)
    })
    return answer as unknown as ReturnType<typeof this.call<K>>
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (this.#waiting.size === 0 && !this.ending) this.#to.unref()
    if (answer.ok) waiting?.resolve(answer.value as never)
    else waiting?.reject(answer.name === 'FencedError' ? new FencedError(answer.message) : revive(answer))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }

  /** Why no call can be answered any more. */
  get failure(): Error | undefined {
    return this.#failure
  }
}

/** A worker thread with a connection of its own, and the calls that wait for it. */
export class Thread<M extends object> extends Calls<M> {
  readonly #worker: Worker

  constructor(data: ThreadData) {
    const worker = new Worker(new URL(`./worker.${source ? 'ts' : 'js'}`, import.meta.url), {
      workerData: data,
      execArgv: source ? ['--conditions=cx-source', '--disable-warning=ExperimentalWarning'] : [],
      name: `store-${data.role}`,
      // Most of what a thread uses is SQLite's own memory; a small nursery keeps an idle one small.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    })
    super(worker)
    this.#worker = worker
  }

  /** A way for another thread of this process to call this one. Calls of all are done one at a time. */
  share(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.#worker.postMessage({ port: port1 } satisfies Joined, [port1])
    return port2
  }

  async terminate(): Promise<void> {
    this.ending = true
    await this.#worker.terminate()
  }
}

function revive({ code, message, name }: Answer & { ok: false }): Error {
  if (code === 'SQLITE_FULL')
    return storeError(
      'storage_full',
      'The disk that holds the database of cx is full. Make room and sync again: what is stored is whole.',
    )
  return storeError(code, message, name)
}
