import { expect, test } from 'vitest'
import { createWorld } from './drive.ts'

test('an entry without its reference concerns nobody else', async () => {
  await using world = await createWorld()
  world.org.insert('Account', { Name: 'Acme' })
  world.org.tick()
  await using opened = await world.open()
  const [entry] = await opened.list()
  const { ref: _, ...bare } = entry!
  await expect(opened.read(bare)).rejects.toMatchObject({ code: 'unprocessable' })
  await expect(opened.text(entry)).resolves.toContain('Acme')
})
