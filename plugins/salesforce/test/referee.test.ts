import type { DescribeGlobalSObjectResult, DescribeSObjectResult, Field } from 'jsforce'
import { expectTypeOf, it } from 'vitest'
import type { Description, FieldInfo, ObjectInfo } from '../src/describe.ts'

type Loose<T> = { readonly [K in keyof T]?: T[K] | null | undefined }

it('what the connector reads of a description, and the fake answers, is in the answers that jsforce knows', () => {
  expectTypeOf<keyof FieldInfo>().toExtend<keyof Field>()
  expectTypeOf<Field>().toExtend<Loose<FieldInfo>>()
  expectTypeOf<keyof ObjectInfo>().toExtend<keyof DescribeGlobalSObjectResult>()
  expectTypeOf<DescribeGlobalSObjectResult>().toExtend<Loose<ObjectInfo>>()
  expectTypeOf<keyof Description>().toExtend<keyof DescribeSObjectResult>()
  expectTypeOf<DescribeSObjectResult>().toExtend<Loose<Omit<Description, 'fields'>>>()
})
