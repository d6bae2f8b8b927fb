import { expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { FROM_PEER, type Peers } from '../../src/http/peers/peers.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';
import { httpParts, partsOf } from './http-parts.ts';
import { START } from './past-hour.ts';

const AS_PEER = { [FROM_PEER]: 'true', authorization: 'Bearer peer-token' };

async function replicaWith(peers: Partial<Peers>) {
  const fleet = await startSmallFleet({ clock: fleetClock(START), starts: false, instances: [{ id: '1' }] });
  return createApp(httpParts({ ...partsOf(fleet), peers: fakePeers(peers) }));
}

it('the status says of each replica which config it has, and why its leases are not renewed', async () => {
  const two = await replicaWith({ replica: 'two', config: 'c2', leaseTrouble: 'the database is away' });
  const one = await replicaWith({
    list: () => [peerOf('two')],
    call: async (_, { path }) => await jsonAnswer(await (await two.request(path, { headers: AS_PEER })).text()),
  });
  expect(await (await one.request('/api/v1/status')).json()).toMatchObject({
    replicas: [
      { replica: 'one', config: 'c1', leaseTrouble: null },
      { replica: 'two', config: 'c2', leaseTrouble: 'the database is away' },
    ],
  });
});
