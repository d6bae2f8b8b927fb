import { describe, expect, it } from 'vitest';
import { hasPostgres } from '../postgres/server.ts';
import { LONG } from '../volume.ts';
import { API_TOKEN, Cluster, type Member, type Unwatched } from './cluster.ts';

const { env } = process;
const [ACCOUNTS, EACH] = [Number(env['ACCOUNTS'] ?? 30), Number(env['EACH'] ?? 20)];
const MINUTES = Number(env['MINUTES'] ?? 10);
const SEED = Number(env['SEED'] ?? 1);
const COOLDOWN = 20_000;
const LEASE = 5_000;
const isLarge = ACCOUNTS * EACH > 1_000;
/** All of it lies on one machine here: replicas, database and gateway. */
const EVERY = isLarge ? 20_000 : 5_000;
/** The replica that gets an account of the large fleet probes all of it within this time, each instance once. */
const SWEEP = 5_000;
/**
 * Of instances, from one probe to the next, whatever happens: a lease, a round, and 15 s for a start on a busy machine. Who gets
 * an account probes it at once, and then again up to one and a quarter intervals later.
 */
const LONGEST_GAP = LEASE + (isLarge ? 1.25 * EVERY + SWEEP : EVERY) + 15_000;
/**
 * The same of accounts. Who gets an account probes all of it as fast as its limit allows, and then none of it for a while
 * because nothing is due. So the interval must be much shorter than this, or such an account would count as left
 * alone.
 */
const LONGEST_UNWATCHED = 30_000;
/**
 * The limit of an account by default: a replica that takes 100 instances over probes all of them within `SWEEP`, and not at one
 * moment. Where that took as long as accounts stay with one owner here, the same instance would be missed several times.
 */
const SPREAD = { requestsPerSecond: 20 };
/** From the end of a process until others have probed something of each of its accounts. */
const TAKEN_OVER = 20_000;
/** As long as a machine may be suspended, or its memory be swapped out. */
const STOPPED = 60_000;
/** `guard.perGateway` by default. */
const PER_MINUTE = 12;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const longer = (one: Unwatched, other: Unwatched): Unwatched => (other.gap > one.gap ? other : one);

const open = (): Promise<Cluster> =>
  Cluster.open({
    ...{ accounts: ACCOUNTS, each: EACH, every: `${EVERY / 1000}s` },
    leaseFor: `${LEASE / 1000}s`,
    cooldown: `${COOLDOWN / 1000}s`,
    ...(isLarge && SPREAD),
  });

interface Status {
  readonly instances: { readonly total: number };
  readonly replicas?: readonly { readonly replica: string; readonly accounts: number }[];
  readonly missing?: readonly unknown[];
  readonly changing?: readonly string[];
}

interface Page {
  readonly instances: readonly { readonly name: string }[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly missing: readonly unknown[];
  readonly changing: readonly string[];
}

async function json<T>(url: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(url, body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/**
 * Every page of a list; null: an account changed its owner meanwhile, or a replica gave no answer in time, so that their
 * instances are not on all of them.
 */
async function wholeList(cluster: Cluster, { url }: Member): Promise<readonly string[] | null> {
  const total = cluster.ids.length;
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await json(`${url}/api/v1/instances?limit=${Math.min(1_000, Math.ceil(total / 3))}${cursor}`);
    if (page.missing.length > 0) return null;
    const lacking = page.changing.length * EACH;
    // What is missing is said to be.
    expect({ lacking, total: page.total }).toEqual({ lacking, total: total - lacking });
    if (lacking > 0) return null;
    names.push(...page.instances.map(({ name }) => name));
    cursor = page.nextCursor === null ? null : `&cursor=${page.nextCursor}`;
  }
  return names;
}

/** Accounts move on, one at a time, until the shares are as even as they get. */
async function whileNothingMoves<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await pause(500);
  }
}

/** Any replica answers for the whole fleet, and passes on what is for another one. */
async function expectOneFace(cluster: Cluster, members: readonly Member[]): Promise<void> {
  const [first, second] = members as [Member, Member];
  const total = cluster.ids.length;
  const status = await whileNothingMoves(async () => {
    const found = await json<Status>(`${first.url}/api/v1/status`);
    if ((found.missing?.length ?? 0) > 0) return null;
    const lacking = (found.changing?.length ?? 0) * EACH;
    expect(found).toMatchObject({ instances: { total: total - lacking }, missing: [] });
    return lacking > 0 ? null : found;
  });
  expect(status.replicas?.map(({ replica }) => replica).toSorted()).toEqual(members.map(({ name }) => name));
  expect(await whileNothingMoves(() => wholeList(cluster, second))).toEqual(cluster.ids);
  const [foreign = ''] = cluster.idsOf(await cluster.owned(second));
  expect(await json(`${first.url}/api/v1/instances/${foreign}`)).toMatchObject({ name: foreign });
  const at = `${first.url}/api/v1/instances/${foreign}`;
  expect(await json(`${at}/pause`, { reason: 'test' })).toMatchObject({ instance: { pause: { reason: 'test' } } });
  expect(await json(`${second.url}/api/v1/instances/${foreign}`)).toMatchObject({ pause: { reason: 'test' } });
  await json(`${at}/resume`, {});
  const { events } = await json<{ events: { type: string; name?: string }[] }>(`${first.url}/api/v1/events`);
  expect(events.filter(({ type, name }) => type === 'paused' && name === foreign)).toHaveLength(1);
  const abroad = await fetch(`${first.url}/api/v1/instances/${foreign}`, { headers: { 'x-watchdog-replica': 'true' } });
  expect(abroad.status).toBe(200);
}

describe.skipIf(!LONG || !hasPostgres())('three replicas', { timeout: 600_000 + MINUTES * 60_000 }, () => {
  it('share the accounts, and take over what one owned that was killed, stopped, or cut off', async () => {
    const cluster = await open();
    const { books, simulator } = cluster;
    const members = [await cluster.start(), await cluster.start(), await cluster.start()];
    await cluster.settled(members, 300_000);
    const [one, two, three] = members as [Member, Member, Member];

    await expectOneFace(cluster, members);

    // Killed: everything it watched is probed again within a lease and a few seconds.
    const accounts = await cluster.owned(one);
    const lost = cluster.idsOf(accounts);
    expect(lost.length).toBeGreaterThan(0);
    await one.process.end('SIGKILL');
    await Promise.all([books.allWatched(accounts, TAKEN_OVER), books.allProbed(lost, LEASE + EVERY + 10_000)]);
    const four = await cluster.start();
    await cluster.settled([two, three, four], 300_000);

    // Stopped in the middle of work for a minute: when it goes on, it neither saves nor restarts anything, and drops its accounts.
    const [sick = ''] = cluster.idsOf(await cluster.owned(two));
    two.process.child.kill('SIGSTOP');
    const stoppedAt = Date.now();
    simulator.set(sick, 'disconnected');
    await three.process.line('"event":"accounts_claimed"', 'no longer renewed');
    await pause(LEASE);
    // What a replica cannot say is missing, and said to be, until another one watches it.
    const { replicas = [], missing } = await json<Status>(`${three.url}/api/v1/status`);
    expect(replicas.length + (missing?.length ?? 0)).toBeGreaterThanOrEqual(2);
    await pause(stoppedAt + STOPPED - Date.now());
    const saved = new Set(await cluster.savedBy(two));
    const said = two.process.output().length;
    two.process.child.kill('SIGCONT');
    await two.process.line('"event":"accounts_lost"');
    expect((await cluster.savedBy(two)).filter((row) => !saved.has(row))).toEqual([]);
    expect(two.process.output().slice(said)).not.toContain('"event":"restart_finished"');
    await cluster.settled([two, three, four], 300_000);

    // Cut off from the database alone: it probes on, the others take over, and nothing is restarted twice.
    const [alsoSick = ''] = cluster.idsOf(await cluster.owned(three));
    three.proxy.set('cut');
    simulator.set(alsoSick, 'disconnected');
    await pause(2 * LEASE);
    three.proxy.set('fair');
    await three.process.line('"event":"accounts_lost"');

    // The database restarts: nobody loses anything.
    await cluster.database.down('SIGINT');
    await pause(1_000);
    await cluster.database.up();
    await cluster.settled([two, three, four], 300_000);
    // Who joins others at a gateway restarts nothing there before it knows of each restart of the last minute.
    const restarts = (): unknown[] => [sick, alsoSick].map((id) => books.restarts.get(id)?.length);
    await expect.poll(restarts, { timeout: 180_000, interval: 1_000 }).toEqual([1, 1]);
    expect(books.tooClose(COOLDOWN)).toEqual([]);
    expect(books.longestGap().gap).toBeLessThan(LONGEST_GAP);
  });

  it('restart nothing twice, keep limits, and leave nothing unwatched, whatever happens to them', async () => {
    const cluster = await open();
    const { books, simulator, database } = cluster;
    let seed = SEED;
    const below = (most: number): number => (seed = (seed * 48_271) % 2_147_483_647) % most;
    let members = [await cluster.start(), await cluster.start(), await cluster.start()];
    await cluster.settled(members, 300_000);
    // What came before does not count.
    books.longestGap();
    books.longestUnwatched();
    const history: string[] = [];
    let [instance, account]: [Unwatched, Unwatched] = [books.longestGap(), books.longestUnwatched()];
    const startedAt = Date.now();
    const since = (at: number): string => `at ${((at - startedAt) / 1000).toFixed(1)} s`;
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
      for (let index = 0; index < 3; index += 1) simulator.set(cluster.ids[below(cluster.ids.length)]!, 'disconnected');
      const member = members[below(members.length)]!;
      const what = ['kill', 'stop', 'cut', 'silence', 'database', 'end'][below(6)]!;
      history.push(`${since(Date.now())} ${what} ${member.name}`);
      switch (what) {
        case 'kill':
        case 'end':
          await member.process.end(what === 'kill' ? 'SIGKILL' : 'SIGTERM');
          members = [...members.filter((each) => each !== member), await cluster.start()];
          break;
        case 'stop':
          member.process.child.kill('SIGSTOP');
          await pause(below(2 * LEASE));
          member.process.child.kill('SIGCONT');
          break;
        case 'cut':
        case 'silence':
          member.proxy.set(what === 'cut' ? 'cut' : 'silent');
          await pause(below(2 * LEASE));
          member.proxy.set('fair');
          break;
        default:
          await database.down(below(2) === 0 ? 'SIGINT' : 'SIGQUIT');
          await pause(below(3_000));
          await database.up();
      }
      await pause(LEASE / 2);
      instance = longer(instance, books.longestGap());
      account = longer(account, books.longestUnwatched());
    }
    await cluster.settled(members, 300_000);
    const gaps = [instance, account].map(
      ({ name, from, gap }) => `${name} was not probed for ${gap} ms ${since(from)}`,
    );
    const within = books.mostWithin(60_000);
    const counts = `${books.restarts.size} restarted, at most ${within} within a minute`;
    const story = [history.join(', '), counts, ...gaps].join('; ');
    console.info(story);
    expect({ story, tooClose: books.tooClose(COOLDOWN) }).toEqual({ story, tooClose: [] });
    expect(within, story).toBeLessThanOrEqual(PER_MINUTE);
    expect(instance.gap, story).toBeLessThan(LONGEST_GAP);
    expect(account.gap, story).toBeLessThan(LONGEST_UNWATCHED);
    expect(books.restarts.size, story).toBeGreaterThan(0);
  });
});
