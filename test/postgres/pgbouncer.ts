import { spawn } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { have } from '../deploy/tools.ts';
import { answering, freePort, hasPostgres, ownFolder, userOfServer, type PostgresServer } from './server.ts';

/** After what a server is given to another client. */
export type PoolMode = 'session' | 'transaction' | 'statement';

/** Whether tests of a PostgreSQL behind PgBouncer can run; see {@link have}. */
export function hasPgBouncer(): boolean {
  return hasPostgres() && have('pgbouncer');
}

/**
 * A PgBouncer before a server. It ends with this process, even by SIGKILL: its end of the pipe closes then.
 *
 * @param size most sessions for all clients of one database
 * @returns its port, once it answers
 */
export async function startPgBouncer(server: PostgresServer, mode: PoolMode, size: number): Promise<number> {
  const port = await freePort();
  const folder = ownFolder();
  const [config, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')];
  const settings = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'trust', auth_file: users },
    ...{ pool_mode: mode, default_pool_size: size },
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}`);
  writeFileSync(config, `[databases]\n* = host=127.0.0.1 port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`);
  writeFileSync(users, '"postgres" ""\n');
  const user = userOfServer();
  for (const file of [config, users]) {
    if (user.uid !== undefined && user.gid !== undefined) chownSync(file, user.uid, user.gid);
  }
  const script = 'pgbouncer -q "$0/pgbouncer.ini" & cat; kill $!; rm -rf "$0"';
  const child = spawn('sh', ['-c', script, folder], {
    ...{ ...user, cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  await answering(port, child);
  return port;
}
