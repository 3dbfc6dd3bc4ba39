/** Version 5: groups take effect together, once all of them were read. */
export const version5 = `
-- Groups as a job reads them. Half a directory is in force for nobody.
CREATE TABLE staged_groups (
  no INTEGER PRIMARY KEY,
  connector_no INTEGER NOT NULL,
  job_no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  id TEXT NOT NULL,
  members TEXT NOT NULL
) STRICT;
CREATE INDEX staged_groups_connector ON staged_groups (connector_no, id);

-- A hash of the members, so that a group that is as it was is not written again; NULL when it is not known.
ALTER TABLE source_groups ADD COLUMN members TEXT;
`
