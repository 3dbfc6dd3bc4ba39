import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { type ApiDocument, clientTypes, generatedFile } from '../scripts/client-types.ts'
import { start } from './harness.ts'

test('the types of @cx/client are those of this host', async () => {
  const cx = await start()
  try {
    const document = (await (await fetch(`${cx.url}/openapi.json`)).json()) as ApiDocument
    expect(
      await readFile(generatedFile, 'utf8'),
      'run: node --conditions=cx-source apps/server/scripts/client-types.ts',
    ).toBe(clientTypes(document))
  } finally {
    await cx.close()
  }
})
