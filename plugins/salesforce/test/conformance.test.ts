import { testConnector } from '@cx/testing/vitest'
import salesforce from '../src/index.ts'
import { fixture } from './conformance.fixture.ts'

testConnector(salesforce, fixture)
