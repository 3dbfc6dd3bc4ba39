import { openTestStore } from './open-store.ts'
import { syncStoreLaws } from './sync-store-laws.ts'

syncStoreLaws('sqlite', async () => {
  const { store, newConnector, close } = await openTestStore()
  return {
    store,
    newConnector: async () => (await newConnector()).id,
    async deleteByPerson(connectorId, sourceId) {
      const { rows } = await store.documents({ connectorId }, { limit: 1_000 })
      await store.deleteDocument(rows.find(({ entry }) => entry.id === sourceId)!.id)
    },
    close,
  }
})
