-- Availability, incidents and events of the past. Nothing is decided by them.
CREATE TABLE watchdog.history (
  key text COLLATE "C" PRIMARY KEY,
  record bytea NOT NULL
) WITH (fillfactor = 70);
COMMENT ON COLUMN watchdog.history.record IS 'Packed; only the program writes it.';
