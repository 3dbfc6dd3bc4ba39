import { testConnector } from '@cx/testing/vitest'
import slack from '../src/index.ts'
import { fixture } from './conformance.fixture.ts'

testConnector(slack, fixture)
