import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import type { TestProject } from 'vitest/node';
import { PostgresServer, program } from './server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL for the states of daemons; missing: they are in folders. */
    portOfStates?: number;
  }
}

/** For `npm run test:postgres`: one for all tests, so that their daemons have their states there. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await PostgresServer.start(['max_connections=500']);
  project.provide('portOfStates', server.port);
  return () => server.down();
}

/**
 * Why some tests say nothing of a daemon with its state in a database. Whatever else they show must be the same there as in a
 * folder.
 */
export const OF_FOLDERS = {
  secondCopy: 'a second process is no mistake there: it is another replica, and watches what it gets',
} as const;

/** Whether the daemons of this run have their states in a database. */
export function areStatesInDatabase(): boolean {
  return inject('portOfStates') !== undefined;
}

/** Whether the daemons of this run have their states in a database: then tests of these differences are skipped. */
export function differs(difference: keyof typeof OF_FOLDERS): boolean {
  const isShared = areStatesInDatabase();
  if (isShared) console.info(`skipped: ${OF_FOLDERS[difference]}`);
  return isShared;
}

/** What is stored of the daemons of a config with {@link emptyState}, as text. */
export function stored(file: string): string {
  const { state } = JSON.parse(readFileSync(file, 'utf8')) as { readonly state: { path?: string; url?: string } };
  const { path, url = '' } = state;
  if (path === undefined) {
    const tables = ['state', 'history', 'lease', 'replica', 'config'].map((name) => `table watchdog.${name};`);
    const flags = ['-At', '-c', 'set bytea_output = escape', ...tables.flatMap((table) => ['-c', table])];
    return execFileSync(program('psql'), [url, ...flags], { encoding: 'latin1' });
  }
  const folder = join(dirname(file), path);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const files = names.filter((name) => statSync(name).isFile());
  return files.map((name) => readFileSync(name, 'latin1')).join('\n');
}

let databases = 0;

/** The part of a config that says where the state is: an empty folder, or an empty database that goes with the test. */
export function emptyState(): object {
  const port = inject('portOfStates');
  if (port === undefined) return { state: { path: 'state' } };
  databases += 1;
  const name = `state_${process.pid}_${databases}`;
  const server = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  execFileSync(program('createdb'), [...server, name]);
  onTestFinished(() => void execFileSync(program('dropdb'), [...server, '--force', name]));
  // One that is killed owns its accounts for this long, and the next one waits for it.
  return { state: { url: `postgres://postgres@127.0.0.1:${port}/${name}` }, cluster: { leaseFor: '4s' } };
}
