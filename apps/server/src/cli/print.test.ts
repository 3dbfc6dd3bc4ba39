import { expect, test } from 'vitest'
import { layTable, moment } from './print.ts'

test('a table fits the terminal, and no line of a pipe is broken', () => {
  const rows = [
    ['s3', 'upload, remove, browse, permissions'],
    ['filesystem', null],
  ]
  expect(layTable(['TYPE', 'CAN'], rows)).toEqual([
    'TYPE        CAN',
    's3          upload, remove, browse, permissions',
    'filesystem  –',
  ])
  expect(layTable(['TYPE', 'CAN'], rows, 30)).toEqual([
    'TYPE        CAN',
    's3          upload, remove,',
    '            browse,',
    '            permissions',
    'filesystem  –',
  ])
  for (const line of layTable(['TYPE', 'CAN'], rows, 30)) expect(line.length).toBeLessThanOrEqual(30)
  expect(layTable(['A'], [['one-word-that-is-longer-than-the-terminal']], 10)).toHaveLength(2)
})

test('times for people', () => {
  expect(moment('2026-11-23T21:54:47.431Z')).toBe('2026-11-23 21:54')
  expect(moment(null)).toBeNull()
})
