import { life } from './life.ts'
import { driveStand } from './stands/google-drive.ts'

life('google_drive', driveStand)
