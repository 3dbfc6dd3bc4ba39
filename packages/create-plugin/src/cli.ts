#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createPlugin } from './index.ts'

const help = `Starts a cx connector from the smallest real one, tests included.

  npm create @cx/plugin <folder> [-- --name my_source --title "My Source"]

Exit code: 0 made, 2 wrong use.
`

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, title: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const [folder, ...rest] = positionals
  if (values.help) process.stdout.write(help)
  else if (folder === undefined || rest.length > 0) throw new Error(help)
  else {
    const { name, files } = await createPlugin({
      folder,
      ...(values.name !== undefined && { name: values.name }),
      ...(values.title !== undefined && { title: values.title }),
    })
    process.stdout.write(`Made the connector ${name} in ${folder}:\n${files.map((file) => `  ${file}\n`).join('')}
Next:
  cd ${folder} && npm install
  npm test            the conformance laws, green from the start
  npm run laws        the same as a score card
Then replace src/client.ts by calls to your source.
`)
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 2
}
