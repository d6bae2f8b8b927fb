import { describe, expect, it, onTestFinished } from 'vitest';
import { NO_PAST } from '../../src/history/instance-history.ts';
import type { Incident } from '../../src/history/incident.ts';
import type { HttpParts } from '../../src/http/http-parts.ts';
import { FROM_PEER, type Peers } from '../../src/http/peers/peers.ts';
import { startHttpServer, type HttpServer } from '../../src/http/server.ts';
import { EventBus } from '../../src/telemetry/event-bus.ts';
import { systemClock } from '../../src/time/clock.ts';
import { WallClock } from '../../src/time/wall-clock.ts';
import { startSmallFleet } from '../fleet/small-fleet.ts';
import { fakePeers, peerOf } from '../http/fake-peers.ts';
import { httpParts, partsOf } from '../http/http-parts.ts';
import { browserForTests, openPage, PATIENCE, row, violations, withoutChromium } from './browser.ts';
import { READERS } from './readers.ts';

const AS_PEER = { [FROM_PEER]: 'true', authorization: 'Bearer peer-token' };
const [HERE, THERE] = ['acme', 'acme2'];
const FLEET: ReadonlyMap<string, string> = new Map([
  ['here', HERE],
  ['there', THERE],
]);
const START = Date.parse('2026-11-30T10:00:00Z');
const LASTING: Incident = {
  ...{ kind: 'down', name: 'there', account: THERE, cause: 'disconnected', began: START },
  ...{ ended: null, endedBy: null, trigger: null, restarts: 1 },
};

async function serve(parts: Partial<HttpParts>, peers: Partial<Peers>): Promise<HttpServer> {
  const clock = systemClock();
  const whole = { ...httpParts({ ...parts, clock, wall: new WallClock(clock) }), peers: fakePeers(peers) };
  const server = await startHttpServer({ listen: { host: '127.0.0.1', port: 0 }, parts: whole });
  onTestFinished(() => server.close());
  return server;
}

/** A replica that watches `here`, and another one that is given `there` when the test says so. Until then nobody owns it. */
async function world() {
  let isOwned = false;
  const config: Partial<Peers> = {
    accounts: () => FLEET.values(),
    accountOf: (name) => FLEET.get(name) ?? null,
    placeOf: (name) => [...FLEET.keys()].indexOf(name),
  };
  const fleets = await Promise.all(
    [...FLEET].map(([name, account], index) =>
      startSmallFleet({
        ...{ origins: ['http://fake', 'http://fake'], starts: false },
        instances: [{ id: String(index + 1), name, account }],
      }),
    ),
  );
  const [one, two] = fleets.map((fleet, index) => {
    const { accounts, instances } = fleet.watch.fleet;
    for (const each of instances.values()) each.state = { ...each.state, phase: 'healthy' };
    const own = new Map([...accounts].filter(([name]) => name === [HERE, THERE][index]));
    return { ...partsOf(fleet), fleet: () => ({ accounts: own, instances }) };
  });
  const history: HttpParts['history'] = {
    of: (instances) => Promise.resolve(instances.map(() => NO_PAST)),
    lasting: () => (isOwned ? [LASTING] : []),
    timezone: 'UTC',
    async *everyIncident() {
      yield* await Promise.resolve(isOwned ? [LASTING] : []);
    },
  };
  const nothing = { accounts: new Map(), instances: new Map() };
  const bus = new EventBus(() => undefined);
  const second = await serve(
    {
      ...{ ...two!, bus, publish: bus.publish, history, fleet: () => (isOwned ? two!.fleet() : nothing) },
      generation: () => (isOwned ? 'two-1' : 'two-0'),
    },
    { ...config, replica: 'two', list: () => [peerOf('one')], ownerOf: () => (isOwned ? 'self' : null) },
  );
  const first = await serve(one!, {
    ...config,
    list: () => [peerOf('two')],
    ownerOf: (account) => (account === HERE ? 'self' : isOwned ? peerOf('two') : null),
    async call(_, { method, path, headers }) {
      const answer = await fetch(`${second.url}${path}`, { method, headers: { ...headers, ...AS_PEER } });
      const contentType = answer.headers.get('content-type') ?? '';
      return { status: answer.status, contentType, body: await answer.text() };
    },
    async stream(_, path, signal, onText) {
      try {
        const answer = await fetch(`${second.url}${path}`, {
          headers: { ...AS_PEER, accept: 'text/event-stream' },
          signal,
        });
        const decoder = new TextDecoder();
        for await (const part of answer.body ?? []) onText(decoder.decode(part as Uint8Array, { stream: true }));
      } catch {
        // Nobody reads it any longer.
      }
    },
  });
  const own = (): void => {
    isOwned = true;
    bus.publish({ type: 'accounts_claimed', at: START, accounts: [THERE], from: [] });
  };
  return { url: first.url, own };
}

describe.skipIf(withoutChromium)('an account that changes its owner', { timeout: 4 * PATIENCE }, () => {
  const browser = browserForTests();

  it('is said to be missing wherever it is, in both languages, and comes back by itself', async () => {
    const { url, own } = await world();
    const readers = await Promise.all(
      READERS.map(async (reader) => {
        const { page } = await openPage(browser(), url, '#/', { locale: reader.locale });
        const { frame, incidents, notices } = reader.catalogue.page;
        const title = notices.changing.title(1);
        await row(page, 'here').waitFor();
        await page.locator('.notice', { hasText: title }).getByText(notices.changing.text).waitFor();
        await page.locator('.notice', { hasText: title }).getByText(THERE).waitFor();
        expect(await row(page, 'there').count()).toBe(0);
        expect(await violations(page)).toEqual([]);

        const lack = page.locator('main [data-lack]');
        await page.evaluate("location.hash = '#/instance/there'");
        await lack.getByText(frame.lacking).waitFor();
        await page.getByRole('link', { name: frame.incidents }).click();
        await lack.getByText(`${title}: ${THERE}`).waitFor();
        await lack.getByText(incidents.lacking).waitFor();
        await page.getByText(incidents.none).waitFor();
        await page.getByRole('button', { name: frame.saveCsv }).click();
        await page.getByText(frame.notSaved).waitFor();
        expect(await violations(page)).toEqual([]);
        return { page, reader, title };
      }),
    );

    own();
    await Promise.all(
      readers.map(async ({ page, reader, title }) => {
        await page.locator('.incident-open', { hasText: 'there' }).waitFor();
        await page.locator('[data-lack]').waitFor({ state: 'detached' });
        await page.getByRole('link', { name: reader.catalogue.page.frame.back }).click();
        await row(page, 'there').waitFor();
        await page.locator('.notice', { hasText: title }).waitFor({ state: 'detached' });
      }),
    );
  });
});
