// The contract's declarations in one committed file, so that a change of it shows in a diff. `--check` fails when it is behind.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'

const report = 'packages/core/api-report.d.ts'
const declarations = globSync('packages/core/dist/contract/*.d.ts').sort()
const text = declarations
  .map(
    (file) =>
      `// ${file.replace('packages/core/dist/', '')}\n${readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL.*\n?/, '')}`,
  )
  .join('\n')
if (!process.argv.includes('--check')) writeFileSync(report, text)
else if (!existsSync(report) || readFileSync(report, 'utf8') !== text) {
  console.error(
    'The contract of @cx/core changed: look at the change, then run `npx pnpm@10 api-report` and commit it.',
  )
  process.exit(1)
}
