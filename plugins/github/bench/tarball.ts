// Tarball path against the bare loop, in one process: node --conditions=cx-source bench/tarball.ts
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { blobSha } from '../src/git-object.ts'
import { Tarball } from '../src/tarball.ts'

const count = Number(process.argv[2] ?? 10_000)
const words = Array.from({ length: 4_000 }, () => randomBytes(4).toString('hex'))
const paths: string[] = []
const shas = new Map<string, string>()
const archive = await make()

async function make(): Promise<Buffer> {
  const tar = pack()
  const files = new Map<string, Buffer>()
  for (let index = 0; index < count; index++) {
    const length = 100 + Math.floor(Math.random() * 800)
    const text = Array.from({ length }, () => words[Math.floor(Math.random() * words.length)]).join(' ')
    files.set(`d${String(index % 500).padStart(3, '0')}/f${index}.txt`, Buffer.from(text.slice(0, 4_100)))
  }
  const chunks: Buffer[] = []
  const flow = Readable.from(tar as AsyncIterable<Buffer>).pipe(createGzip())
  const done = (async () => {
    for await (const chunk of flow) chunks.push(chunk as Buffer)
  })()
  paths.push(...[...files.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))))
  for (const path of paths) {
    shas.set(path, blobSha(files.get(path)!))
    await new Promise((resolve) => tar.entry({ name: `root/${path}` }, files.get(path)!, resolve))
  }
  tar.finalize()
  await done
  return Buffer.concat(chunks)
}

function stream(): ReadableStream<Uint8Array> {
  let offset = 0
  return new ReadableStream({
    pull(controller) {
      if (offset >= archive.length) return controller.close()
      controller.enqueue(new Uint8Array(archive.subarray(offset, offset + 65_536)))
      offset += 65_536
    },
  })
}

async function bare(): Promise<number> {
  const started = performance.now()
  const tar = extract()
  Readable.fromWeb(stream() as Parameters<typeof Readable.fromWeb>[0])
    .pipe(createGunzip())
    .pipe(tar)
  let right = 0
  for await (const entry of tar) {
    const hash = createHash('sha1').update(`blob ${entry.header.size}\0`)
    for await (const chunk of entry) hash.update(chunk as Buffer)
    if (hash.digest('hex') === shas.get(entry.header.name.slice(5))) right++
  }
  if (right !== count) throw new Error(`${right} of ${count} files`)
  return performance.now() - started
}

async function ours(): Promise<number> {
  const started = performance.now()
  const tarball = new Tarball({ open: async () => stream(), wanted: () => true })
  const queue = paths.values()
  const { signal } = new AbortController()
  let right = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const path of queue) if ((await tarball.read(path, signal))?.sha === shas.get(path)) right++
    }),
  )
  await tarball.close()
  if (right !== count) throw new Error(`${right} of ${count} files`)
  return performance.now() - started
}

const rounds: { bare: number; ours: number }[] = []
await bare()
await ours()
for (let round = 0; round < 5; round++) rounds.push({ bare: await bare(), ours: await ours() })
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const [loop, plugin] = [median(rounds.map((round) => round.bare)), median(rounds.map((round) => round.ours))]
console.log(
  `${count} files, ${(archive.length / 1e6).toFixed(1)} MB: bare ${loop.toFixed(0)} ms, tarball path ${plugin.toFixed(0)} ms, ratio ${(loop / plugin).toFixed(2)}`,
)
console.log(JSON.stringify({ files: count, megabytes: archive.length / 1e6, ratio: loop / plugin }))
