import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EmbeddingServer {
  readonly url: string
  /** Texts that got a vector, in order. */
  readonly embedded: string[]
  /** Answers given, by status. */
  readonly answers: Map<number, number>
  /** What is answered instead, until it is taken back. */
  broken: number | undefined
  /** So many next requests are answered 429 with `Retry-After: 1`. */
  busy: number
  close(): Promise<void>
}

export const key = 'sk-embedding-test-0123456789'
export const dimensions = 64
const mostInputs = 4

/**
 * An OpenAI-compatible endpoint on loopback. A text's vector is the sum of one fixed direction for each of its words,
 * where "feline" is "cat". At most four inputs a request, none with "poison", none over 2,000 characters.
 */
export async function startEmbeddingServer(): Promise<EmbeddingServer> {
  const state = {
    embedded: [] as string[],
    answers: new Map<number, number>(),
    broken: undefined as number | undefined,
    busy: 0,
  }
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const piece of request) text += piece
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      state.answers.set(status, (state.answers.get(status) ?? 0) + 1)
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
    }
    const error = { error: { message: 'no' } }
    if (request.method !== 'POST' || request.url !== '/v1/embeddings') return answer(404, error)
    if (request.headers.authorization !== `Bearer ${key}`) return answer(401, error)
    if (state.broken !== undefined) return answer(state.broken, error)
    if (state.busy > 0) {
      state.busy--
      return answer(429, error, { 'Retry-After': '1' })
    }
    const { input, model } = JSON.parse(text) as { input: readonly string[]; model: string }
    if (input.length > mostInputs) return answer(400, error)
    if (input.some((one) => one.includes('poison') || one.length > 2_000)) return answer(400, error)
    state.embedded.push(...input)
    const data = input.map((one, index) => ({ object: 'embedding', index, embedding: vector(one, model) }))
    // In any order: `index` says which is which.
    answer(200, { object: 'list', model, data: data.reverse() })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(state, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

function vector(text: string, model: string): number[] {
  const sum = new Array<number>(dimensions).fill(0)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const hash = createHash('sha512')
      .update(`${model} ${word === 'feline' ? 'cat' : word}`)
      .digest()
    for (let i = 0; i < dimensions; i++) sum[i]! += (hash[i] ?? 0) - 127.5
  }
  return sum
}
