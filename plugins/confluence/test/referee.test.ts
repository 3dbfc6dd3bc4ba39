import * as v1 from 'confluence.js/v1'
import * as v2 from 'confluence.js/v2'
import { expect, it } from 'vitest'
import { basic, fakeSite } from './drive.ts'

interface Schema {
  parse(value: unknown): unknown
}

/**
 * The fake's answers held against the shapes that confluence.js makes from Atlassian's OpenAPI documents: what they do
 * not know, the fake has made up.
 */
it.each<[path: string, list: Schema, row: (Schema & { shape: object }) | undefined]>([
  ['api/v2/spaces?limit=2', v2.SpacesSchema, v2.SpaceSummarySchema],
  ['api/v2/pages?limit=2&body-format=storage', v2.PagesSchema, v2.PageSummarySchema],
  ['api/v2/blogposts?limit=2', v2.BlogPostsSchema, v2.BlogPostSummarySchema],
  ['api/v2/pages/PAGE?body-format=storage&include-labels=true', v2.PageSchema, undefined],
  ['api/v2/folders/FOLDER', v2.FolderSchema, undefined],
  ['api/v2/spaces/SPACE/permissions', v2.SpacePermissionsAssignmentsSchema, v2.SpacePermissionAssignmentSchema],
  ['api/v2/spaces/SPACE/role-assignments', v2.SpaceRoleAssignmentsGetSchema, v2.SpaceRoleAssignmentSchema],
  ['api/v2/space-role-mode', v2.SpaceRoleModeSchema, undefined],
  ['rest/api/user/current', v1.UserSchema, undefined],
  [
    'rest/api/content/search?cql=type=page&expand=restrictions.read.restrictions.user,version,space',
    v1.ContentArraySchema,
    undefined,
  ],
  ['rest/api/content/PAGE/restriction/byOperation/read', v1.ContentRestrictionSchema, undefined],
  ['rest/api/group', v1.GroupArrayWithLinksSchema, undefined],
])('%s is answered as the vendor describes it', async (path, list, row) => {
  const fake = await fakeSite()
  const { model } = fake
  const folder = model.folder('ENG', ['Guides'])!
  const page = model.page('ENG', 'A', '<p>a</p>', {
    parentId: folder.id,
    users: ['u-bob'],
    groups: ['g-staff'],
    labels: ['x'],
  })
  model.page('ENG', 'B', '')
  model.page('ENG', 'C', '')
  model.add('blogpost', 'ENG', 'News')
  model.spaces[0]!.assignments.push({ principal: { principalType: 'GROUP', principalId: 'g-staff' } })
  const target = path.replace('PAGE', page.id).replace('FOLDER', folder.id).replace('SPACE', model.spaces[0]!.id)
  const response = await fetch(`${fake.url}/wiki/${target}`, { headers: { authorization: basic } })
  const answer = (await response.json()) as { results?: readonly object[] }
  expect(response.status).toBe(200)
  list.parse(answer)
  if (!row) return
  expect(answer.results!.length).toBeGreaterThan(0)
  const known = Object.keys(row.shape)
  for (const one of answer.results!) {
    row.parse(one)
    expect(Object.keys(one).filter((name) => !known.includes(name))).toEqual([])
  }
})
