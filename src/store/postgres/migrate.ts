import { join } from 'node:path';
import Postgrator from 'postgrator';
import { escapePath } from 'tinyglobby';
import type { Connection, Query } from './connection.ts';
import { newer } from './postgres-errors.ts';

/** Their first number is the version of the tables. */
const MIGRATIONS = join(import.meta.dirname, 'migrations');

/** Any number; the same for all processes, so that only one of them changes the tables at a time. */
const LOCK = 7_309_847;

/**
 * Brings the tables up to this version of the program, all in one transaction. Tables that are up to date are only looked
 * at, so a user without the right to make tables is enough then.
 *
 * @throws StoreError of kind `newer_version` when a later version of the program changed them
 */
export async function migrate(connection: Connection): Promise<void> {
  const looking = migrator((text) => connection.query(text));
  if (await isCurrent(looking, connection.place)) return;
  await connection.transaction(async (query) => {
    await query('select pg_advisory_xact_lock($1)', [LOCK]);
    const changing = migrator(await withSchema(query));
    if (!(await isCurrent(changing, connection.place))) await changing.migrate();
  });
}

/** Postgrator would also make a schema that is there, which needs a right that its owner may not have. */
async function withSchema(query: Query): Promise<Query> {
  const [found] = await query("select from pg_namespace where nspname = 'watchdog'");
  if (found === undefined) return query;
  return async (text, values) => (text.startsWith('CREATE SCHEMA') ? [] : await query(text, values));
}

async function isCurrent(migrations: Postgrator, place: string): Promise<boolean> {
  const known = await migrations.getMaxVersion();
  const found = await migrations.getDatabaseVersion();
  if (found > known) throw newer(place, `its tables have version ${found}, and this one knows ${known}`);
  return found === known;
}

function migrator(query: Query): Postgrator {
  return new Postgrator({
    driver: 'pg',
    migrationPattern: `${escapePath(MIGRATIONS.replaceAll('\\', '/'))}/*.sql`,
    schemaTable: 'watchdog.schema_version',
    newline: 'LF',
    execQuery: async (text) => ({ rows: [...(await query(text))] }),
  });
}
