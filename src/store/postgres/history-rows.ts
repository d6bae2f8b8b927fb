import type { HistoryStore } from '../store.ts';
import type { Connection } from './connection.ts';
import { toText } from './state-rows.ts';

const READ = `
select history.record from unnest($1::text[]) with ordinality as wanted(key, place)
left join watchdog.history on history.key = wanted.key order by wanted.place`;

const WRITE = `
with change as (
  select key, decode(record, 'base64') as record from unnest($1::text[], $2::text[]) as change(key, record)
), removed as (
  delete from watchdog.history using change where history.key = change.key and change.record is null
)
insert into watchdog.history (key, record) select key, record from change where record is not null order by key
on conflict (key) do update set record = excluded.record`;

/** The history of all instances in a PostgreSQL, over a connection of its own, so that no state waits for it. */
export function historyRows(connection: Connection): HistoryStore {
  return {
    async read(keys) {
      const rows = await connection.query<{ readonly record: Buffer | null }>(READ, [keys.map(toText)]);
      return rows.map(({ record }) => record);
    },
    async write(records) {
      const texts = [...records.values()].map((record) => record && Buffer.from(record).toString('base64'));
      await connection.query(WRITE, [[...records.keys()].map(toText), texts]);
    },
  };
}
