-- Who lives, and what it publishes with each renewal of its leases.
CREATE TABLE watchdog.replica (
  owner text COLLATE "C" PRIMARY KEY,
  until timestamptz NOT NULL,
  news jsonb NOT NULL
) WITH (fillfactor = 50);
-- Since when each config is known, by fingerprint: accounts go to replicas with the newest one.
CREATE TABLE watchdog.config (
  fingerprint text COLLATE "C" PRIMARY KEY,
  since timestamptz NOT NULL
);
