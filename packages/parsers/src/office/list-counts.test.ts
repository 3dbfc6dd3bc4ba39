import { describe, expect, it } from 'vitest'
import { countItem, type ListLevel, type ListOverride, type ListShape } from './list-counts.ts'

const level = (text: string, format: number, start = 1): ListLevel => ({
  start,
  format,
  text,
  restart: undefined,
  legal: false,
})

describe('counting of list items', () => {
  it('counts a level that was left out, shows ordinals, and nothing for a level of bullets', () => {
    const shape: ListShape = {
      levels: [level('\u0000', 5), level('\u0000.\u0001', 4), level('\u0001', 23), level('\u0000\u0002-\u0003', 0)],
      counts: [],
    }
    const override: ListOverride = { list: 1, starts: new Map(), levels: new Map(), begun: new Set() }
    const labels = [0, 1, 0, 3, 1, 2, 0].map((at) => countItem(override, shape, at))
    expect(labels).toEqual(['1st', '1st.a', '2nd', '2nd-1', '2nd.b', '-', '3rd'])
  })
})
