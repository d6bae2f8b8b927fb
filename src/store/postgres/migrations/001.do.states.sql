-- One row for each instance that was ever saved. No index depends on the collation of the machine.
CREATE TABLE watchdog.state (
  key text COLLATE "C" PRIMARY KEY,
  account text COLLATE "C" NOT NULL GENERATED ALWAYS AS (split_part(key, '/', 1)) STORED,
  revision bigint NOT NULL CHECK (revision > 0),
  record text NOT NULL,
  writer text NOT NULL,
  attempt bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX state_account ON watchdog.state (account);
COMMENT ON COLUMN watchdog.state.revision IS 'Counts the saved versions, from 1.';
COMMENT ON COLUMN watchdog.state.record IS 'Checksum and JSON; only the program writes it.';
COMMENT ON COLUMN watchdog.state.writer IS 'The process that saved it; with attempt, finds saves whose answer was lost.';
