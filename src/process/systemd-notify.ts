import { execFile } from 'node:child_process';
import type { Environment } from '../config/syntax/environment.ts';
import { monotonicMicroseconds } from '../time/clock.ts';
import { NoWayToNotify, type ServiceManager } from './service-manager-notifier.ts';

const PROGRAM = 'systemd-notify';

/**
 * The systemd that started this process; null when none did, or it does not want to be told. Node.js cannot send the
 * datagrams by itself, so the program of systemd does it, and the unit must say `NotifyAccess=all`.
 */
export function systemdNotify(env: Environment): ServiceManager | null {
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return null;
  return { watchdog: watchdogOf(env), monotonicMicroseconds, send: (notes, signal) => run(env, socket, notes, signal) };
}

/** As sd_watchdog_enabled(3): in microseconds, and possibly meant for another process. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | null {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return null;
  const duration = Number(WATCHDOG_USEC) / 1_000;
  return Number.isFinite(duration) && duration >= 1 ? duration : null;
}

function run(env: Environment, socket: string, notes: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // No more of the environment than it needs: there may be tokens in it.
    const childEnv = { PATH: env['PATH'], NOTIFY_SOCKET: socket };
    execFile(PROGRAM, [...notes], { env: childEnv, signal, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      if (error === null) resolve();
      else if (error.code === 'ENOENT') reject(new NoWayToNotify(`the program ${PROGRAM} is not on PATH`));
      else if (signal.aborted) reject(new Error(`${PROGRAM} did not end in time`));
      else reject(new Error(`${PROGRAM} failed: ${stderr.trim() || error.message}`));
    });
  });
}
