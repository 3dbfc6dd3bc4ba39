import { life } from './life.ts'
import { slackStand } from './stands/slack.ts'

life('slack', slackStand)
