import { life } from './life.ts'
import { notionStand } from './stands/notion.ts'

life('notion', notionStand)
