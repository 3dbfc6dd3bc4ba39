import { life } from './life.ts'
import { salesforceStand } from './stands/salesforce.ts'

life('salesforce', salesforceStand)
