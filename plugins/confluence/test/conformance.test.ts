import { testConnector } from '@cx/testing/vitest'
import confluence from '../src/index.ts'
import { cloudFixture, dataCenterFixture } from './conformance.fixture.ts'

const bigBytes = 256 * 1024 * 1024

testConnector(confluence, cloudFixture, { bigBytes })
testConnector(confluence, dataCenterFixture, { bigBytes })
