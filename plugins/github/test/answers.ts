import type { components, paths } from '@octokit/openapi-types'

type Described<Path extends keyof paths, Method extends 'get' | 'post', Status extends number> =
  paths[Path] extends Record<Method, { responses: infer All }>
    ? Status extends keyof All
      ? All[Status] extends { content: { 'application/json': infer Body } }
        ? Body
        : never
      : never
    : never

/** As JSON has it, where a number is a number at any size. */
type AsJson<T> = T extends bigint
  ? never
  : T extends readonly (infer One)[]
    ? AsJson<One>[]
    : T extends object
      ? { [Key in keyof T]: AsJson<T[Key]> }
      : T

/** What GitHub's own description says that it answers: https://github.com/github/rest-api-description */
export type Answer<
  Path extends keyof paths,
  Method extends 'get' | 'post' = 'get',
  Status extends number = 200,
> = AsJson<Described<Path, Method, Status>>

/** What it says when something is wrong; most of its routes do not describe that. */
export type Problem = components['schemas']['basic-error']

/** Any part of it; nothing that is not in it. */
export type Some<T> = T extends readonly (infer Item)[]
  ? Some<Item>[]
  : T extends object
    ? { [Key in keyof T]?: Some<T[Key]> }
    : T
