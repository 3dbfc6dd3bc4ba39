import { testConnector } from '@cx/testing/vitest'
import confluence from '../src/index.ts'
import { dataCenterFixture, fixture } from './conformance.fixture.ts'

const bigBytes = 256 * 1024 * 1024

testConnector(confluence, fixture, { bigBytes })
testConnector(confluence, dataCenterFixture, { bigBytes })
