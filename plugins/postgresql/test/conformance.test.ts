import { testConnector } from '@cx/testing/vitest'
import { afterAll, beforeAll } from 'vitest'
import postgresql from '../src/index.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { fixtureOf } from './conformance.fixture.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster(['max_replication_slots=40'])
})
afterAll(() => cluster.stop())

const listed =
  'Without a replication slot changes are found by listing (one query), so the feed always answers cursor_expired; the fixture with logical replication keeps this law.'

testConnector(
  postgresql,
  fixtureOf('embedded PostgreSQL, row versions', () => cluster, {
    waive: Object.fromEntries(
      ['equals_full', 'quiet', 'moves_on', 'kill_each_checkpoint', 'complete']
        .map((law) => [`changes.${law}`, listed])
        .concat([['budget.unchanged', listed]]),
    ),
  }),
)
testConnector(
  postgresql,
  fixtureOf('embedded PostgreSQL, logical replication', () => cluster, {
    tracking: 'cdc',
    waive: {
      'changes.complete':
        'The law goes back to a cursor older than one it has already handed in, as no engine does: the slot was acknowledged up to the newer one, and answers cursor_expired. test/changes.test.ts breaks every call without going back.',
    },
  }),
)
testConnector(
  postgresql,
  fixtureOf('embedded PostgreSQL, hashes', () => cluster, { tracking: 'hash' }),
  {
    only: ['permissions', 'edits', 'version'],
  },
)
