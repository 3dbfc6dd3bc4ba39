import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createParserPool } from '@cx/parsers'
import filesystem from '@cx/plugin-filesystem'
import { openSqliteStore, type Store } from '@cx/store'
import { corpusFolder } from './corpus.ts'
import { createSync } from './engine.ts'
import { inFolder, inProcess, type Row, row } from './measure.ts'

/** How far down a document that was looked for is looked for. */
const deepest = 20
/** Words in more than a tenth of all documents are not what a person remembers of one. */
const commonShare = 0.1
const asked = {
  'three to five words from its middle': ({ middle }: Known) => some(middle, 3 + Math.floor(random() * 3), 3),
  'its title': ({ title }: Known) => (title.length > 1 ? title.slice(0, 5) : []),
  'two words of its title and two from its middle': ({ title, middle }: Known) => mixed(title, middle),
  'the same, as a question': ({ title, middle }: Known) => {
    const words = mixed(title, middle)
    return words.length === 0 ? [] : ['how do I', ...words.slice(0, 2), 'with the', ...words.slice(2)]
  },
} as const

interface Known {
  readonly id: string
  readonly path: string
  readonly half: number
  readonly title: readonly string[]
  readonly middle: readonly string[]
}

interface Result {
  readonly what: string
  readonly half: number
  readonly asked: number
  readonly first: number
  readonly five: number
  readonly reciprocal: number
}

/** Documents of the corpus looked for by words of their own. Two halves: what is tuned on one is read off the other. */
export async function known(): Promise<readonly Row[]> {
  if (!existsSync(corpusFolder)) return []
  const found = await inFolder((folder) =>
    inProcess<readonly Result[]>(fileURLToPath(import.meta.url), join(folder, 'cx.db')),
  )
  return found.map(({ what, half, asked, first, five, reciprocal }) =>
    row(
      `A document looked for by ${what} (${half === 0 ? 'first' : 'second'} half, ${asked})`,
      `first ${(first / asked).toFixed(3)}, among five ${(five / asked).toFixed(3)}, mean reciprocal rank ${(reciprocal / asked).toFixed(3)}`,
      '',
      true,
    ),
  )
}

let state = 0
/** Between 0 and 1, the same at each run for a document, whatever others there are. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 2_166_136_261
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 16_777_619) >>> 0
  return sum
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/\p{L}[\p{L}\p{M}\p{N}]{2,}/gu) ?? []
  )
}

/** `count` of the words in any order, or none where there are fewer than `least`. */
function some(words: readonly string[], count: number, least: number): readonly string[] {
  const rest = [...words]
  const taken: string[] = []
  while (taken.length < count && rest.length > 0) taken.push(...rest.splice(Math.floor(random() * rest.length), 1))
  return taken.length < least ? [] : taken
}

function mixed(title: readonly string[], middle: readonly string[]): readonly string[] {
  const words = [...some(title, 2, 1), ...some(middle, 2, 1)]
  return words.length < 3 ? [] : words
}

async function measure(file: string): Promise<readonly Result[]> {
  const parser = createParserPool({})
  const config = { root: corpusFolder, include: ['**/*'], exclude: ['MANIFEST.tsv'], access: 'anyone' }
  const sync = await createSync({ file, connector: filesystem, parser, config })
  await sync.run()
  await sync.close()
  await parser.close()
  const store = await openSqliteStore({ file })
  const documents = await knownDocuments(store)
  const collections = (await store.collections({ limit: 1 })).rows.map(({ id }) => id)
  const results: Result[] = []
  for (const [what, ask] of Object.entries(asked)) {
    const halves = [0, 1].map((half) => ({ what, half, asked: 0, first: 0, five: 0, reciprocal: 0 }))
    for (const document of documents) {
      state = hash(document.path)
      const query = ask(document).join(' ')
      if (query === '') continue
      const { hits } = await store.search({ query, collections, limit: deepest, offset: 0 })
      const place = hits.findIndex(({ documentId }) => documentId === document.id)
      const half = halves[document.half]!
      half.asked++
      if (place === 0) half.first++
      if (place >= 0 && place < 5) half.five++
      if (place >= 0) half.reciprocal += 1 / (place + 1)
    }
    results.push(...halves)
  }
  await store.close()
  return results
}

async function knownDocuments(store: Store): Promise<readonly Known[]> {
  const documents: { id: string; path: string; title: readonly string[]; middle: readonly string[] }[] = []
  const connectorId = (await store.connectors({ limit: 1 })).rows[0]!.id
  const standsIn = new Map<string, number>()
  for (let after: string | undefined; ; ) {
    const page = await store.documents(
      { connectorId, children: true },
      { limit: 100, ...(after !== undefined && { after }) },
    )
    for (const { id, entry, title, chunks } of page.rows) {
      if (chunks === 0) continue
      const texts = (await store.chunks(id, { limit: 1_000 })).rows.map(({ text }) => text)
      const middle = wordsOf(texts[Math.floor(texts.length / 2)] ?? '')
      const at = Math.floor(middle.length / 2)
      const name = title ?? /^#+ (.+)$/m.exec(texts[0] ?? '')?.[1] ?? ''
      for (const word of new Set([...wordsOf(name), ...texts.flatMap(wordsOf)]))
        standsIn.set(word, (standsIn.get(word) ?? 0) + 1)
      const around = middle.slice(Math.max(0, at - 30), at + 30)
      documents.push({ id, path: entry.path, title: wordsOf(name), middle: around })
    }
    after = page.next
    if (after === undefined) break
  }
  const tells = (word: string) => word.length > 3 && standsIn.get(word)! <= documents.length * commonShare
  return documents.map(({ id, path, title, middle }) => ({
    id,
    path,
    half: (hash(path) >>> 16) % 2,
    title: [...new Set(title)],
    middle: [...new Set(middle)].filter(tells),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await measure(process.argv[2]!)))
