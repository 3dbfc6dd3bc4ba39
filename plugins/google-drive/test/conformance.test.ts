import { testConnector } from '@cx/testing/vitest'
import connector from '../src/index.ts'
import { fixture } from './conformance.fixture.ts'

testConnector(connector, fixture)
