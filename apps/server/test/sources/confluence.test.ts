import { life } from './life.ts'
import { confluenceStand } from './stands/confluence.ts'

life('confluence', () => confluenceStand('cloud'))
life('confluence', () => confluenceStand('data_center'))
