import { testConnector } from '@cx/testing/vitest'
import notion from '../src/index.ts'
import { fixture } from './conformance.fixture.ts'

testConnector(notion, fixture)
