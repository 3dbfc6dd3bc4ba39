import { expect, it } from 'vitest'
import { identify, inIds, quote, select, toIso } from './soql.ts'
import { fieldsOfFilter } from './where.ts'

it('escapes backslashes before quotes', () => {
  expect(quote("\\' OR Id != null OR Name='")).toBe("'\\\\\\' OR Id != null OR Name=\\''")
  expect(quote('a\nb')).toBe("'a\\nb'")
})

it('takes names and ids only where they are names and ids', () => {
  expect(select(['Id', 'Owner.Name'], 'My__c', 'A = 1 OR B = 2', 'C = 3')).toBe(
    'SELECT Id, Owner.Name FROM My__c WHERE (A = 1 OR B = 2) AND (C = 3)',
  )
  expect(() => identify('Id FROM User --')).toThrow('no API name')
  expect(inIds('Id', ["x' OR Id != null OR Id IN ('", '001000000000001'])).toBe("Id IN ('001000000000001')")
  expect(() => inIds('Id', ["1'"])).toThrow(TypeError)
})

it('reads both forms of time', () => {
  expect(toIso('2026-01-01T00:00:00.000+0000')).toBe(toIso('2026-01-01T00:00:00.000Z'))
  expect(toIso('')).toBeUndefined()
})

it.each([
  ["Industry = 'Energy'", ['Industry']],
  ["Name LIKE 'O\\'N%' AND (NOT Owner.Name IN ('a', 'b'))", ['Name', 'Owner.Name']],
  ['CreatedDate = LAST_N_DAYS:90 OR CALENDAR_YEAR(CloseDate) >= 2024', ['CreatedDate', 'CloseDate']],
  ["Topics__c INCLUDES ('a;b','c') AND Amount > USD5000 AND X != null", ['Topics__c', 'Amount', 'X']],
  ['CreatedDate > 2026-01-01T00:00:00Z and Id NOT IN (null)', ['CreatedDate', 'Id']],
])('takes the condition %s', (filter, fields) => {
  expect(fieldsOfFilter(filter)).toEqual(fields)
})

it.each([
  '',
  "Name = 'a",
  "Name = 'a' ORDER BY Name",
  "Name = 'a' LIMIT 5",
  "Name = 'a') OR (Name = 'b'",
  'Id IN (SELECT AccountId FROM Contact)',
  "Name = 'a'; DELETE",
  'Name = :name',
  "Name = 'a' ALL ROWS",
  "Name = 'a' FOR UPDATE",
  "format(Name) = 'a'",
  "Name = 'a' -- x",
  'A = 1 AND',
  `${'('.repeat(40)}A = 1${')'.repeat(40)}`,
])('refuses %s', (filter) => {
  expect(() => fieldsOfFilter(filter)).toThrow(expect.objectContaining({ code: 'misconfigured' }))
})
