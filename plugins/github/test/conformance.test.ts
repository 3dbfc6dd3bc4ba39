import { testConnector } from '@cx/testing/vitest'
import github from '../src/index.ts'
import { fixture } from './conformance.fixture.ts'

testConnector(github, fixture)
