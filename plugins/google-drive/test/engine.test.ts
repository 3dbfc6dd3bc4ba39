import { startEngine } from '@cx/testing'
import { expect, it } from 'vitest'
import connector from '../src/index.ts'
import { reader } from './fake/model.ts'
import { document, failure, me } from './fake/server.ts'
import { accessToken, fake } from './harness.ts'

const credentials = { method: 'oauth', accessToken, extra: {} }
const member = [reader(me, 'user', 'organizer')]

it('takes what may not be used any more out of the index, and back in', async () => {
  await using drive = await fake()
  const file = drive.add('plan.txt', { content: 'the plan' })
  drive.add('notes', { mimeType: document, content: 'the notes' })
  await using engine = await startEngine(connector, { config: { apiUrl: drive.url }, credentials })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 2 } })
  expect(engine.text('My Drive/plan.txt')).toBe('the plan')
  drive.edit(file, { extra: { capabilities: { canDownload: true, canAccessViaGenAi: false } } as never })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { skipped: 1, deleted: 0 } })
  expect(engine.text('My Drive/plan.txt')).toBeUndefined()
  drive.edit(file, { extra: {} })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 1 } })
  expect(engine.text('My Drive/plan.txt')).toBe('the plan')
})

it('deletes nothing that lives on a bad day, and says what to do', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.drive('0AIt', 'IT', member)
  for (let index = 0; index < 30; index++) drive.add(`${index}.txt`, { driveId: '0AHr', content: 'x' })
  drive.add('it.txt', { driveId: '0AIt', content: 'x' })
  const config = { apiUrl: drive.url, sharedDriveIds: ['0AHr', '0AIt'] }
  await using engine = await startEngine(connector, { config, credentials })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 31 } })

  // Thrown out of one of the drives: reported, and its documents stay.
  drive.drives.get('0AHr')!.members = []
  expect(await engine.sync()).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
  expect(engine.indexed).toBe(31)
  drive.drives.get('0AHr')!.members = member

  // The log forgot the place overnight, and one file went meanwhile.
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 0 } })
  drive.delete([...drive.items.keys()][0]!)
  drive.expireTokens()
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })

  drive.incomplete = () => true
  drive.delete([...drive.items.keys()][0]!)
  drive.expireTokens()
  expect(await engine.sync()).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
  drive.incomplete = () => false
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })

  // A scope that was taken away is said by name, and a token that was revoked as such.
  drive.token(accessToken, ['openid'])
  expect(await engine.sync()).toMatchObject({
    status: 'failed',
    error: { code: 'forbidden', message: expect.stringContaining('scope') },
  })
  drive.tokens.clear()
  expect(await engine.sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
  expect(engine.indexed).toBe(29)
})

it('loses no document for a file that went between listing and reading, nor for one that cannot be exported', async () => {
  await using drive = await fake()
  drive.add('a.txt', { content: 'a' })
  const gone = drive.add('gone.txt', { content: 'gone' })
  drive.add('Plan', { mimeType: document, content: 'the plan' })
  drive.linksWork = false
  drive.before = (route, url) => {
    if (url.searchParams.get('alt') === 'media' && url.pathname.endsWith(gone.id))
      return failure(404, 'notFound', `File not found: ${gone.id}.`)
    return route.includes('export') || route.includes('download')
      ? failure(400, 'badRequest', 'The requested conversion is not supported.')
      : undefined
  }
  await using engine = await startEngine(connector, { config: { apiUrl: drive.url }, credentials })
  expect(await engine.sync()).toMatchObject({ status: 'partial', progress: { indexed: 1, failed: 1 } })
  expect(engine.text('My Drive/a.txt')).toBe('a')
})
