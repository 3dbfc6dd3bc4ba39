import type { Law } from '../law.ts'
import { budgetLaws } from './budgets.ts'
import { changeLaws } from './changes.ts'
import { completenessLaws } from './completeness.ts'
import { configLaws } from './config.ts'
import { declarationLaws } from './declaration.ts'
import { editLaws } from './edits.ts'
import { errorLaws } from './errors.ts'
import { limitLaws } from './limits.ts'
import { listingLaws } from './listing.ts'
import { permissionLaws } from './permissions.ts'
import { resourceLaws } from './resources.ts'
import { resumeLaws } from './resuming.ts'
import { secretLaws } from './secrets.ts'
import { versionLaws } from './versions.ts'
import { webhookLaws } from './webhooks.ts'
import { browseLaws, writeLaws } from './writing.ts'

/** Every law, in the order of the score card. */
export const sourceLaws: readonly Law[] = [
  ...declarationLaws,
  ...configLaws,
  ...listingLaws,
  ...versionLaws,
  ...completenessLaws,
  ...resumeLaws,
  ...editLaws,
  ...changeLaws,
  ...permissionLaws,
  ...limitLaws,
  ...budgetLaws,
  ...resourceLaws,
  ...secretLaws,
  ...errorLaws,
  ...webhookLaws,
  ...writeLaws,
  ...browseLaws,
]
