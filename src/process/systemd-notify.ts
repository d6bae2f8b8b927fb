import { execFile } from 'node:child_process';
import type { Environment } from '../config/syntax/environment.ts';
import { monotonicMicroseconds } from '../time/clock.ts';
import { NoWayToNotify, type ServiceManager } from './service-manager-notifier.ts';

const PROGRAM = 'systemd-notify';

/**
 * The systemd that started this process; null when none did, or it wants no notifications. Node.js cannot send the
 * datagrams by itself, so systemd's own program does it, and the unit needs `NotifyAccess=all`.
 */
export function systemdNotify(env: Environment): ServiceManager | null {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return null;
  return {
    watchdog: watchdogOf(env),
    monotonicMicroseconds,
    send: (assignments, signal) => run(env, socket, assignments, signal),
  };
}

/** As sd_watchdog_enabled(3): in microseconds, and possibly meant for another process. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | null {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return null;
  const duration = Number(WATCHDOG_USEC) / 1_000;
  return Number.isFinite(duration) && duration >= 1 ? duration : null;
}

function run(env: Environment, socket: string, assignments: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Only what it needs of the environment, which may hold tokens.
    const childEnv = { PATH: env['PATH'], NOTIFY_SOCKET: socket };
    execFile(PROGRAM, [...assignments], { env: childEnv, signal, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      if (error === null) resolve();
      else if (error.code === 'ENOENT') reject(new NoWayToNotify(`the program ${PROGRAM} is not on PATH`));
      else if (signal.aborted) reject(new Error(`${PROGRAM} did not end in time`));
      else reject(new Error(`${PROGRAM} failed: ${stderr.trim() || error.message}`));
    });
  });
}
