import { testConnector } from '@cx/testing/vitest'
import connector from '../src/index.ts'
import { fixtures } from './conformance.fixture.ts'

for (const fixture of fixtures) testConnector(connector, fixture)
