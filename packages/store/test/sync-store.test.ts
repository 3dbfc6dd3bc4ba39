import { openTestStore } from './open-store.ts'
import { syncStoreLaws } from './sync-store-laws.ts'

syncStoreLaws('sqlite', async () => {
  const { store, newConnector, close } = await openTestStore()
  return { store, newConnector: async () => (await newConnector()).id, close }
})
