/** Bumped whenever the same bytes would give other text or other chunks: stored documents are then parsed again. */
export const parserVersion: string = '4'
