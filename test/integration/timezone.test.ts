import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { AvailabilityView, GroupAvailabilityView } from '../../src/http/views/history-schemas.ts';
import { bodyOf, listenHttp } from '../gateway/wire.ts';
import { runDaemon, simulate, writeConfig } from './harness.ts';
import { Lookout } from './lookout.ts';

it('the time zone of the config is that of messages, days and the public page, and a reload changes it', async () => {
  const bodies: string[] = [];
  const lookout = new Lookout();
  const { url } = await listenHttp((request, response) => {
    void bodyOf(request).then((body) => {
      bodies.push(body);
      response.end('{}');
      lookout.look();
    });
  });
  const simulator = await simulate({ '1190000': 'qr', '1190001': 'connected' });
  const notify = [{ name: 'phone', url: `${url}/topic`, format: 'ntfy', groupWait: '0s' }];
  const page = { public: { groupBy: 'account', hideNumbers: true } };
  const file = writeConfig(simulator, { top: { notify, page, timezone: 'America/Sao_Paulo' } });
  const daemon = await runDaemon(file);
  await lookout.until(() => bodies.length > 0);
  expect(bodies[0]).toMatch(/\d\d:\d\d GMT-3"/);

  const zones = async (): Promise<readonly string[]> => {
    const one = (await daemon.api('/api/v1/instances/1190001/availability')) as AvailabilityView;
    const all = (await daemon.api('/api/v1/availability')) as { groups: GroupAvailabilityView[] };
    return [one.timezone, ...all.groups.map(({ timezone }) => timezone)];
  };
  const shown = async (): Promise<string> => (await fetch(`${daemon.url}/public`)).text();
  expect(await zones()).toEqual(['America/Sao_Paulo', 'America/Sao_Paulo']);
  expect(await shown()).toMatch(/As of [^<]* GMT-3/);

  writeFileSync(file, readFileSync(file, 'utf8').replace('America/Sao_Paulo', 'Asia/Tokyo'));
  await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
  expect(await zones()).toEqual(['Asia/Tokyo', 'Asia/Tokyo']);
  expect(await shown()).toMatch(/As of [^<]* GMT\+9/);
  simulator.set('1190000', 'connected');
  await lookout.until(() => bodies.length > 1);
  expect(bodies[1]).toMatch(/\d\d:\d\d GMT\+9"/);
});
