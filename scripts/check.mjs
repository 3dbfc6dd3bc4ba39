// The checks before the tests: build (types), lint, unused code, and what would be published.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'

const published = globSync('{packages,plugins,apps}/*/package.json').filter(
  (file) => !JSON.parse(readFileSync(file, 'utf8')).private,
)

const checks = [
  ['build', 'turbo', ['run', 'build', '--output-logs=errors-only']],
  ['emitted', process.execPath, ['scripts/emitted.mjs']],
  ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']],
  ['lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['unused', 'knip', ['--no-config-hints']],
  ['boundaries', process.execPath, ['scripts/boundaries.mjs']],
  ['contract', process.execPath, ['scripts/api-report.mjs', '--check']],
  ['readme', process.execPath, ['--conditions=cx-source', 'scripts/plugin-table.ts', '--check']],
  ['plugins’ readmes', process.execPath, ['--conditions=cx-source', 'scripts/plugin-readme.ts', '--check']],
  ['published types', process.execPath, ['scripts/published-types.mjs']],
  ...published.map((file) => [
    `publint ${file.replace('/package.json', '')}`,
    'publint',
    ['--strict', file.replace('/package.json', '')],
  ]),
]

for (const [name, command, args] of checks) {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${seconds} s)`)
  if (status !== 0) {
    console.log(stdout, stderr)
    process.exit(1)
  }
}
