// Runs `turbo boundaries`: no package imports what it does not declare, and none reaches into another's files. Tests and
// benchmarks may reach for the stand-ins of other packages' sources: these are not published, so no export leads there.
import { spawnSync } from 'node:child_process'

const { stdout, stderr } = spawnSync('turbo', ['boundaries'], {
  encoding: 'utf8',
  env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
})
const text = `${stdout}${stderr}`
const count = /Checked \d+ files in \d+ packages, (no|\d+) issues? found/.exec(text)?.[1]
// Each issue: a sentence behind a cross, wrapped, then where it is.
const issues = [...text.matchAll(/^\s+[x×] ([\s\S]*?),-\[(.+?):\d+:\d+\]/gmu)].map(([whole, sentence, file]) => ({
  whole,
  file,
  leaves: /leaves\s+(\|\s+)?the\s+(\|\s+)?package/.test(sentence),
}))
if (count === undefined || Number(count === 'no' ? 0 : count) !== issues.length) {
  console.error(`The answer of turbo boundaries was not understood (${issues.length} issues read):\n${text}`)
  process.exit(1)
}
const crossed = issues.filter(({ file, leaves }) => !leaves || !/\/test\/|\/benchmarks\//.test(file))
for (const { whole } of crossed) console.error(whole)
process.exit(crossed.length > 0 ? 1 : 0)
