import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Connection } from '../../src/store/postgres/connection.ts';
import { Leases } from '../../src/store/postgres/leases.ts';
import { StateRows } from '../../src/store/postgres/state-rows.ts';
import type { StateStore } from '../../src/store/store.ts';
import { systemClock } from '../../src/time/clock.ts';
import { stateAt, storedAt } from '../contract/instance-states.ts';
import { AUTHORITY, FOR_ANOTHER_HOST, KEY as SERVER_KEY } from '../integration/certificates.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ManualClock } from '../simulator/manual-clock.ts';
import { openAloneStore, openTestStore, settingsOf } from './open-store.ts';
import { hasPgBouncer, startPgBouncer } from './pgbouncer.ts';
import { hasPostgres, PostgresServer, sharedPostgres, freePort } from './server.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

const KEY = 'acme/551';
/** Of a lock of the test in this database that somebody waits for. */
const WAITS =
  "locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())";
const refused = (kind: string, ...words: string[]) => ({
  kind,
  message: expect.stringMatching(words.join('.*')) as string,
});

type Options = Parameters<typeof openTestStore>[1];

async function opened(url: string, options?: Options): Promise<StateStore> {
  const store = await openAloneStore(url, options);
  onTestFinished(() => store.close());
  return store;
}

/** A store in an empty database, reached through a proxy. */
async function storeBehindProxy(options?: Options) {
  const server = await sharedPostgres();
  const database = (await server.database()).replace(/.*\//, '');
  const proxy = await tcpProxy(server.port);
  const store = await opened(server.url(database, proxy.port), options);
  return { store, proxy, url: server.url(database), sql: (text: string) => server.sql(text, database) };
}

describe.skipIf(!hasPostgres())('the state in PostgreSQL', { timeout: 120_000 }, () => {
  it('saves nothing of an account that it claimed before it has read its states', async () => {
    const { store, url } = await storeBehindProxy();
    await store.save(KEY, stateAt(1), 0);
    await store.close();
    const second = await openTestStore(url);
    onTestFinished(() => second.close());
    await second.ownership.claim(['acme']);
    await expect(second.save(KEY, stateAt(1), 0)).rejects.toMatchObject(refused('unavailable', 'still being read'));
    await expect(second.save('acme/new', stateAt(1), 0)).rejects.toMatchObject(refused('unavailable', 'still being'));
    expect(await second.ownership.states(['acme'])).toEqual(new Map([[KEY, storedAt(1)]]));
    expect(await second.save(KEY, stateAt(2), 1)).toBe(2);
    // What it gives back and claims again may have been changed meanwhile.
    await second.ownership.release(['acme']);
    await second.ownership.claim(['acme']);
    await expect(second.save(KEY, stateAt(3), 2)).rejects.toMatchObject(refused('unavailable', 'still being read'));
  });

  it('saves what a restart waits for, and its end, before the states of a storm that wait longer', async () => {
    const { store } = await storeBehindProxy();
    const saved: string[] = [];
    const note = (what: string, save: Promise<number>) => save.then(() => void saved.push(what));
    const storm = (name: string) =>
      Array.from({ length: 3_000 }, (_, index) => note('other', store.save(`acme/${name}-${index}`, stateAt(1), 0)));
    const call = { startedAt: 1, attempt: 1, from: 'down', cooldownBefore: null } as const;
    const intent = { ...call, trigger: 'failure', requestedBy: null } as const;
    for (const [revision, state] of [
      [1, { ...stateAt(1), intent }],
      [2, stateAt(2)],
    ] as const) {
      const others = storm(`s${revision}`);
      await Promise.resolve();
      await Promise.all([...others, note('restart', store.save('acme/sick', state, revision - 1))]);
      // One batch may be under way, and it is in the next.
      expect(saved.splice(0).indexOf('restart')).toBeLessThan(2_000);
    }
  });

  describe('two processes on one database', () => {
    it('the second cannot own an account of the first until that is closed, and learns how long it must wait', async () => {
      const { store, url } = await storeBehindProxy();
      await store.save(KEY, stateAt(1), 0);
      const second = await openTestStore(url);
      onTestFinished(() => second.close());
      await expect(second.own(['acme'])).rejects.toMatchObject(
        refused('locked', 'the account "acme"', 'owned by another process \\(test ', 'in (5\\d\\d|600) s'),
      );
      expect(await second.load()).toEqual(new Map());
      await store.close();
      await second.own(['acme']);
      expect(await second.load()).toEqual(new Map([[KEY, storedAt(1)]]));
    });

    it('the first saves nothing once the second has taken over, and the second goes on from what it saved', async () => {
      // Its clock stands still, so it is like a process that was stopped.
      const { store, url, sql } = await storeBehindProxy({ clock: new ManualClock() });
      await store.save(KEY, stateAt(1), 0);
      await sql("update watchdog.lease set until = now() - interval '1 s'");
      const second = await opened(url);
      await second.remove('acme/none');
      await expect(store.save(KEY, { ...stateAt(2), failures: 99 }, 1)).rejects.toMatchObject(
        refused('not_owner', 'another process owns the account "acme"'),
      );
      await expect(store.remove(KEY)).rejects.toMatchObject({ kind: 'not_owner' });
      expect(await second.save(KEY, stateAt(2), 1)).toBe(2);
      expect(await second.load()).toEqual(new Map([[KEY, storedAt(2)]]));
    });

    it('of a batch, only states of accounts that are still owned are saved', async () => {
      const { store, sql } = await storeBehindProxy({ clock: new ManualClock() });
      await Promise.all([store.save(KEY, stateAt(1), 0), store.save('other/1', stateAt(1), 0)]);
      await sql("update watchdog.lease set owner = 'other', token = token + 1 where account = 'acme'");
      const [acme, other] = await Promise.allSettled([
        store.save(KEY, stateAt(2), 1),
        store.save('other/1', stateAt(2), 1),
      ]);
      expect(acme).toMatchObject({ reason: { kind: 'not_owner' } });
      expect(other).toMatchObject({ value: 2 });
    });

    it('a lease that has ended saves nothing, though nobody else has claimed it', async () => {
      const { store, sql } = await storeBehindProxy({ clock: new ManualClock() });
      await store.save(KEY, stateAt(1), 0);
      await sql("update watchdog.lease set until = now() - interval '1 s'");
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject({ kind: 'not_owner' });
    });

    it('nobody can claim an account in the middle of a save', async () => {
      const { store, url, sql } = await storeBehindProxy({ clock: new ManualClock() });
      await store.save(KEY, stateAt(1), 0);
      await sql(`create function watchdog.wait() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
        create trigger wait before update on watchdog.state for each row execute function watchdog.wait()`);
      const connection = connectionTo(url);
      await connection.query('select pg_advisory_lock(1)');
      const saving = store.save(KEY, stateAt(2), 1);
      await expect.poll(() => connection.query(`select 1 from pg_locks where ${WAITS}`)).toHaveLength(1);
      // A claim passes over the locked row; before, it would have taken it as soon as the lease ends.
      const free = await connection.query('select account from watchdog.lease for update skip locked');
      expect(free).toEqual([]);
      await connection.query('select pg_advisory_unlock(1)');
      await saving;
    });

    it('four that start at once make the tables once', async () => {
      const url = await (await sharedPostgres()).database();
      const stores = await Promise.all([1, 2, 3, 4].map(() => opened(url)));
      await stores[0]!.save(KEY, stateAt(1), 0);
      expect(await stores[0]!.load()).toEqual(new Map([[KEY, storedAt(1)]]));
    });
  });

  describe('answers that are lost', () => {
    const statement = 'insert into watchdog.state';
    const save = (version: number, follows: number) => (store: StateStore) =>
      store.save(KEY, { ...stateAt(follows + 1), failures: version }, follows);
    const remove = (store: StateStore) => store.remove(KEY);

    it.each([
      { what: 'a first save', before: [], lost: [save(1, 0)], then: save(2, 0), stored: [1, 2] },
      { what: 'two first saves', before: [], lost: [save(1, 0), save(2, 0)], then: save(3, 0), stored: [1, 3] },
      { what: 'a later save', before: [save(1, 0)], lost: [save(2, 1)], then: save(3, 1), stored: [2, 3] },
      {
        what: 'two later saves',
        before: [save(1, 0)],
        lost: [save(2, 1), save(3, 1)],
        then: save(4, 1),
        stored: [2, 4],
      },
      { what: 'a removal, then a save', before: [save(1, 0)], lost: [remove], then: save(2, 1), stored: [2, 2] },
      { what: 'a removal, then another', before: [save(1, 0)], lost: [remove], then: remove, stored: null },
      { what: 'a save, then a removal', before: [save(1, 0)], lost: [save(2, 1)], then: remove, stored: null },
    ])('$what: the next one is neither lost nor doubled', async ({ before, lost, then, stored }) => {
      const { store, proxy, sql } = await storeBehindProxy();
      for (const each of before) await each(store);
      for (const each of lost) {
        proxy.cutAfter(statement);
        await expect(each(store)).rejects.toMatchObject({ kind: 'unavailable' });
      }
      await then(store);
      const rows = await sql('select revision::int, record from watchdog.state');
      const found = rows.map(({ revision, record }) => [
        revision,
        (JSON.parse((record as string).slice(9)) as { state: { failures: number } }).state.failures,
      ]);
      expect(found).toEqual(stored === null ? [] : [stored]);
    });

    it('an attempt that comes after a later one changes nothing', async () => {
      const { url, sql } = await storeBehindProxy();
      const connection = connectionTo(url);
      const leases = new Leases({ connection, clock: systemClock(), owner: 'one', leaseFor: 600_000 });
      await leases.claim(['acme']);
      const rows = new StateRows(connection, leases);
      const change = (revision: number, stored: number, record: string | null) =>
        new Map([[KEY, { revision, stored, record }]]);
      await rows.write(change(1, 0, 'first'));
      await rows.write(change(2, 1, 'second'));
      for (const late of [change(2, 1, 'late'), change(1, 0, 'late'), change(0, 1, null)]) {
        const asBefore = new StateRows(connection, leases);
        expect((await asBefore.write(late)).get(KEY)).toMatchObject({ kind: 'conflict' });
      }
      expect(await sql('select revision::int, record from watchdog.state')).toEqual([
        { revision: 2, record: 'second' },
      ]);
    });
  });

  describe('a database that is away', () => {
    it('is not one that has ended an idle session while the process was busy: the statement is run in another one', async () => {
      const connection = connectionTo(await (await sharedPostgres()).database());
      await connection.query('set idle_session_timeout = 20');
      // Nothing else runs in this process meanwhile.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      expect(await connection.query('select 1 as one')).toEqual([{ one: 1 }]);
    });

    const quick = { statementTimeout: 5_000 };

    it.each([
      { what: 'cut off', spoil: (proxy: TcpProxy) => proxy.set('cut'), why: '' },
      { what: 'silent', spoil: (proxy: TcpProxy) => proxy.set('silent'), why: 'timeout' },
    ])('$what: saves fail within their deadline, and succeed as soon as it is back', async ({ spoil, why }) => {
      const { store, proxy } = await storeBehindProxy(quick);
      await store.save(KEY, stateAt(1), 0);
      spoil(proxy);
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(refused('unavailable', why));
      proxy.set('fair');
      expect(await store.save(KEY, stateAt(2), 1)).toBe(2);
    });

    it('locked by somebody: the same', async () => {
      const { store, url, sql } = await storeBehindProxy(quick);
      await store.save(KEY, stateAt(1), 0);
      const other = connectionTo(url);
      await other.transaction(async (query) => {
        await query('lock table watchdog.state');
        const said = refused('unavailable', 'timeout', 'what holds locks there');
        await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(said);
      });
      await store.save(KEY, { ...stateAt(2), failures: 7 }, 1);
      expect(await sql('select revision::int from watchdog.state')).toEqual([{ revision: 2 }]);
      expect((await store.load()).get(KEY)?.state.failures).toBe(7);
    });

    it('in which a statement has too little time: the same', async () => {
      const { store, url, sql } = await storeBehindProxy(quick);
      const asAdmin = async (text: string) => (await sharedPostgres()).sql(text);
      await store.save(KEY, stateAt(1), 0);
      const name = url.replace(/.*\//, '');
      await asAdmin(`alter database ${name} set statement_timeout = '100ms';
        select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      const other = connectionTo(url);
      await other.transaction(async (query) => {
        await query('set local statement_timeout = 0; lock table watchdog.state');
        await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject({ kind: 'unavailable' });
        const said = refused('unavailable', 'statement timeout', 'raise its statement_timeout');
        await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(said);
      });
      await asAdmin(`alter database ${name} reset statement_timeout`);
      await store.save(KEY, stateAt(2), 1);
      expect(await sql('select revision::int from watchdog.state')).toEqual([{ revision: 2 }]);
    });

    it.each(['SIGINT', 'SIGQUIT'] as const)('restarted by %s: the same', async (signal) => {
      const server = await ownServer();
      const store = await opened(server.url('postgres'), quick);
      await store.save(KEY, stateAt(1), 0);
      await server.down(signal);
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject({ kind: 'unavailable' });
      await server.up();
      expect(await store.save(KEY, stateAt(2), 1)).toBe(2);
      expect(await store.load()).toEqual(new Map([[KEY, storedAt(2)]]));
    });

    it('read-only: the same', async () => {
      const { store, url } = await storeBehindProxy(quick);
      const asAdmin = async (text: string) => (await sharedPostgres()).sql(text);
      await store.save(KEY, stateAt(1), 0);
      const name = url.replace(/.*\//, '');
      await asAdmin(`alter database ${name} set default_transaction_read_only = on;
        select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(refused('unavailable', 'takes no writes'));
      await asAdmin(`alter database ${name} reset default_transaction_read_only`);
      expect(await store.save(KEY, stateAt(2), 1)).toBe(2);
    });

    it('without its tables: saves fail and say so', async () => {
      const { store, sql } = await storeBehindProxy(quick);
      await store.save(KEY, stateAt(1), 0);
      await sql('drop schema watchdog cascade');
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(
        refused('unavailable', 'restore them from a backup'),
      );
    });

    it('of several hosts the first that takes writes is used, also after it has changed', async () => {
      const writable = await ownServer();
      const standby = await ownServer(['default_transaction_read_only=on']);
      const proxy = await tcpProxy(writable.port);
      const hosts = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${standby.port}`, `127.0.0.1:${proxy.port}`];
      const url = `postgres://postgres@${hosts.join(',')}/postgres?target_session_attrs=read-write`;
      const store = await opened(url, quick);
      await store.save(KEY, stateAt(1), 0);
      proxy.set('cut');
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(store.save(KEY, stateAt(2), 1)).rejects.toMatchObject(
        refused('unavailable', 'no host takes writes', 'ECONNREFUSED', 'takes no writes'),
      );
      proxy.set('fair');
      expect(await store.save(KEY, stateAt(2), 1)).toBe(2);
    });
  });

  describe('a database that cannot be used', () => {
    const sealed = (json: string) => `${crc32(json).toString(16).padStart(8, '0')} ${json}`;
    const setRecord = (record: string) => `update watchdog.state set record = '${record}'`;

    it.each([
      [
        'has a record that was changed',
        setRecord('x'),
        refused('corrupt', 'the record of "acme/551": its checksum does not match'),
      ],
      [
        'has another revision in its row',
        'update watchdog.state set revision = 7',
        refused('corrupt', 'revision 1, but its row says 7'),
      ],
      [
        'has a record of a newer version',
        setRecord(sealed('{"format":999,"state":{}}')),
        refused('newer_version', 'acme/551', 'format 999'),
      ],
      [
        'has tables of a newer version',
        'insert into watchdog.schema_version (version) values (999)',
        refused('newer_version', 'its tables have version 999'),
      ],
      [
        'forgets acknowledged saves',
        "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$",
        refused('misplaced', 'synchronous_commit is off', 'ALTER ROLE "postgres" SET synchronous_commit = on'),
      ],
    ])('%s: it is refused, and nothing is changed', async (_, spoil, error) => {
      const { store, url, sql } = await storeBehindProxy();
      await store.save(KEY, stateAt(1), 0);
      await store.close();
      await sql(spoil);
      const before = await sql('select * from watchdog.state');
      await expect(openTestStore(url).then((again) => again.own(['acme']))).rejects.toMatchObject(error);
      expect(await sql('select * from watchdog.state')).toEqual(before);
    });

    it('forgets acknowledged saves from now on: none counts as saved until that ends', async () => {
      const server = await ownServer();
      const store = await opened(server.url('postgres'));
      await store.save(KEY, stateAt(1), 0);
      const trouble = (): Promise<string> =>
        store.remove('acme/none').then(
          () => '',
          (error: unknown) => (error as Error).message,
        );
      for (const [setting, message] of [
        ['set synchronous_commit = off', /synchronous_commit is off/],
        ['reset synchronous_commit', /^$/],
      ] as const) {
        await server.sql(`alter system ${setting}`);
        await server.sql('select pg_reload_conf()');
        await expect.poll(trouble).toMatch(message);
      }
      expect(await store.save(KEY, stateAt(2), 1)).toBe(2);
    });

    it('has not the encoding UTF8: it is refused', async () => {
      const server = await sharedPostgres();
      await server.sql("create database latin encoding 'LATIN1' template template0");
      await expect(openTestStore(server.url('latin'))).rejects.toMatchObject(refused('misplaced', 'encoding LATIN1'));
    });

    it.each([
      ['does not exist', 'nowhere', 'create that database'],
      ['denies the user', 'postgres', 'give the user its rights'],
    ])('%s: that can pass, and the error names the remedy and no password', async (_, database, remedy) => {
      const server = await sharedPostgres();
      await server.sql('drop role if exists nobody; create role nobody login');
      const url = server.url(database).replace('postgres@', 'nobody:hunter2@');
      const error: unknown = await openTestStore(url).catch((caught: unknown) => caught);
      expect(error).toMatchObject(refused('unavailable', remedy));
      expect((error as Error).message).not.toContain('hunter2');
    });
  });

  it.skipIf(!hasPgBouncer())('says so where a pooler allows no transactions', async () => {
    const server = await sharedPostgres();
    const port = await startPgBouncer(server, 'statement', 1);
    const { pathname } = new URL(await server.database());
    const opening = openTestStore(server.url(pathname.slice(1), port));
    await expect(opening).rejects.toMatchObject(refused('unavailable', 'must have the pool mode transaction'));
  });

  it('believes the certificate of the server as far as sslmode says', async () => {
    const server = await PostgresServer.start(['ssl=on', 'ssl_cert_file=crt', 'ssl_key_file=key'], {
      crt: FOR_ANOTHER_HOST,
      key: SERVER_KEY,
    });
    onTestFinished(() => server.down());
    const authority = join(temporaryFolder(), 'authority.pem');
    writeFileSync(authority, AUTHORITY);
    const ended = async (parameters: string): Promise<string> => {
      const connection = connectionTo(server.url('postgres').replace('127.0.0.1', 'localhost') + parameters);
      const used = connection.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return await used.then(
        ([row]) => `encrypted: ${String(row?.ssl)}`,
        (error: unknown) => (error as Error).message,
      );
    };
    expect(await ended('')).toBe('encrypted: false');
    expect(await ended('?sslmode=require')).toBe('encrypted: true');
    expect(await ended(`?sslmode=verify-ca&sslrootcert=${authority}`)).toBe('encrypted: true');
    expect(await ended('?sslmode=verify-ca')).toMatch(/certificate.*check sslmode and sslrootcert/);
    expect(await ended(`?sslmode=verify-full&sslrootcert=${authority}`)).toMatch(/localhost.*other\.example/);
    expect(await ended('?sslmode=require&sslrootcert=/nowhere.pem')).toContain('check the paths in state.url');
  });

  it('makes its tables in a schema that an administrator made for it, though it may make none itself', async () => {
    const server = await sharedPostgres();
    const url = await server.database();
    await server.sql(
      `drop role if exists guest; create role guest login; create schema watchdog authorization guest`,
      url.replace(/.*\//, ''),
    );
    const store = await opened(url.replace('postgres@', 'guest@'));
    expect(await store.save(KEY, stateAt(1), 0)).toBe(1);
  });

  it('needs no more rights than the documented ones once the tables are made', async () => {
    const { store, url, sql } = await storeBehindProxy();
    await store.close();
    await sql(`drop role if exists small; create role small login;
      grant usage on schema watchdog to small; grant select on watchdog.schema_version to small;
      grant select, insert, update, delete on watchdog.state to small; grant select, insert, update on watchdog.lease to small;
      grant select, insert, update, delete on watchdog.history to small;
      grant select, insert, update, delete on watchdog.replica, watchdog.config to small`);
    const narrow = await opened(url.replace('postgres@', 'small@'));
    await narrow.save(KEY, stateAt(1), 0);
    await narrow.remove(KEY);
    const { ownership } = await openTestStore(url.replace('postgres@', 'small@'));
    await ownership.announce({ replica: 'one', config: 'config' }, true);
    await ownership.renew({ replica: 'small', advertise: null, config: 'config', gateways: {} });
  });

  it('saves more states at once than fit into one statement, and reads more than fit into one answer', async () => {
    const { store } = await storeBehindProxy();
    const keys = Array.from({ length: 5_500 }, (_, index) => `acme/${index}`);
    await Promise.all(keys.map((key) => store.save(key, stateAt(1), 0)));
    expect((await store.load()).size).toBe(keys.length);
  });
});

function connectionTo(url: string): Connection {
  const connection = new Connection(settingsOf(url), 10_000);
  onTestFinished(() => connection.close());
  return connection;
}

async function ownServer(settings?: readonly string[]): Promise<PostgresServer> {
  const server = await PostgresServer.start(settings);
  onTestFinished(() => server.down());
  return server;
}
