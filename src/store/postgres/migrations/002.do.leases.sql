-- Which process may save the states of an account, by the clock of the database.
CREATE TABLE watchdog.lease (
  account text COLLATE "C" PRIMARY KEY,
  owner text,
  token bigint NOT NULL,
  until timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON COLUMN watchdog.lease.token IS 'Grows with each owner; a save under an older one changes nothing.';
