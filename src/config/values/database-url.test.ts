import { describe, expect, it } from 'vitest';
import { databaseUrlMistake, parseDatabaseUrl } from './database-url.ts';

const PLAIN = {
  hosts: [{ host: 'db', port: 5432 }],
  database: 'watchdog',
  user: 'w',
  password: null,
  tls: 'disable',
  rootCertFile: null,
  certFile: null,
  keyFile: null,
};

describe('the URL of a PostgreSQL', () => {
  it.each([
    ['postgres://w@db/watchdog', {}],
    ['postgresql://w:p%40ss@db:6432/watchdog', { password: 'p@ss', hosts: [{ host: 'db', port: 6432 }] }],
    [
      'postgres://w@one,two:5433,[::1]:5434/watchdog?target_session_attrs=read-write',
      {
        hosts: [
          { host: 'one', port: 5432 },
          { host: 'two', port: 5433 },
          { host: '::1', port: 5434 },
        ],
      },
    ],
    ['postgres://w@/watchdog?host=/run/postgresql', { hosts: [{ host: '/run/postgresql', port: 5432 }] }],
    [
      'postgres://w@db/watchdog?sslmode=verify-full&sslrootcert=/ca.pem',
      { tls: 'verify-full', rootCertFile: '/ca.pem' },
    ],
  ])('%s is understood', (url, parts) => {
    expect(parseDatabaseUrl(url)).toEqual({ ...PLAIN, ...parts });
  });

  it.each([
    ['mysql://w@db/watchdog', 'is not a URL'],
    ['postgres://w:pass/word@db/watchdog', 'is not a URL'],
    ['postgres://w@db', 'is not a URL'],
    ['postgres://w@db/watchdog#x', 'is not a URL'],
    ['postgres://db/watchdog', 'names no user'],
    ['postgres://w@db/', 'names no database'],
    ['postgres://w:100%@db/watchdog', 'not percent-encoded'],
    ['postgres://w@/watchdog', 'not host:port'],
    ['postgres://w@db:0/watchdog', 'not host:port'],
    ['postgres://w@one,,two/watchdog', 'not host:port'],
    [`postgres://w@${'a,'.repeat(10)}a/watchdog`, 'more than 10 hosts'],
    ['postgres://w@db/watchdog?host=/run', 'Unix socket only'],
    ['postgres://w@db/watchdog?sslmode=prefer', 'needs disable or require or verify-ca or verify-full as "sslmode"'],
    ['postgres://w@db/watchdog?sslmode=verify-full&sslrootcert=ca.pem', 'absolute path as "sslrootcert"'],
    ['postgres://w@db/watchdog?sslrootcert=/ca.pem', 'no "sslmode" that uses them'],
    ['postgres://w@db/watchdog?target_session_attrs=any', 'read-write or primary'],
    ['postgres://w@db/watchdog?options=-c%20x', 'a parameter that is not one of'],
  ])('%s is refused, and no message shows any of it', (url, mistake) => {
    expect(databaseUrlMistake(url)).toContain(mistake);
    expect(databaseUrlMistake(url)).not.toContain('w:');
  });
});
