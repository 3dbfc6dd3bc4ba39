import { life } from './life.ts'
import { githubStand } from './stands/github.ts'

life('github', githubStand)
