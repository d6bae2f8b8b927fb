import dns from 'node:dns';
import { systemClock } from '../time/clock.ts';
import { Names, type Resolve } from './names.ts';

/** libuv's own default. */
const USUAL_THREADS = 4;

/**
 * getaddrinfo, the only way that knows hosts files, search domains and all else that nsswitch.conf may name. It is the function
 * that sockets call, at each lookup: what a preloaded module puts in its place is used here as well.
 */
const resolve: Resolve = (name) =>
  new Promise((answer, fail) => {
    dns.lookup(name, { all: true }, (error, addresses) => {
      if (error === null) answer(addresses);
      else fail(error);
    });
  });

/** libuv lends half of its threads to lookups, rounded up (`slow_work_thread_threshold` of its threadpool.c). */
function slotsOf(setting: string | undefined): number {
  const threads = Number.parseInt(setting ?? '', 10);
  return Math.floor(((Number.isNaN(threads) ? USUAL_THREADS : Math.max(1, threads)) + 1) / 2);
}

/** One for the whole process, because it has only one set of threads for lookups. */
export const processNames = new Names({
  resolve,
  clock: systemClock(),
  slots: slotsOf(process.env['UV_THREADPOOL_SIZE']),
});
