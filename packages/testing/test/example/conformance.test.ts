import { testConnector } from '@cx/testing/vitest'
import { fixture } from './conformance.fixture.ts'
import notes from './notes.ts'

testConnector(notes, fixture)
