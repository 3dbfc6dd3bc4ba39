import { daysAgo, drive, token } from './drive.ts'
import { writeExport } from './export-zip.ts'
import { allScopes, FakeSlack } from './fake-slack.ts'

// Lists an export of 3,000 days of 40 kB and reads them; prints by how much the heap grew at most, in MB.
const fake = await new FakeSlack().start()
fake.tokens.set(token, { scopes: allScopes })
const general = fake.channel('general')
const days = 3_000
function* messages() {
  for (let day = 0; day < days; day++)
    for (let i = 0; i < 40; i++) {
      const text = `${day} ${i} `.repeat(100)
      yield { channel: 'general', message: { type: 'message', ts: daysAgo(50 + day, i), user: 'U0ANN00001', text } }
    }
}
const exportPath = await writeExport([general], messages())
await using slack = await drive(fake, { config: { exportPath } })
const read: Parameters<typeof slack.text>[0][] = []
let listed = 0
let peak = 0
globalThis.gc!()
const before = process.memoryUsage().heapUsed
const look = () => {
  globalThis.gc!()
  peak = Math.max(peak, process.memoryUsage().heapUsed)
}
for await (const item of slack.items()) {
  if ('kind' in item) continue
  listed++
  read.push(item)
  if (listed % 300 === 0) look()
}
for (const [i, entry] of read.entries()) {
  await slack.text(entry)
  if (i % 300 === 0) look()
}
await fake.stop()
console.log(JSON.stringify({ listed, read: read.length, growth: (peak - before) / 2 ** 20 }))
