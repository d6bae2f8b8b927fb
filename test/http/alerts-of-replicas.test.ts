import { describe, expect, it } from 'vitest';
import { answerToAlert } from '../../src/http/routes/alert-route.ts';
import { PeerError, type PeerRequest } from '../../src/http/peers/peers.ts';
import { fakePeers, jsonAnswer, peerOf } from './fake-peers.ts';

const ALERT = { status: 'firing', labels: { restart: 'true', name: 'shop' }, startsAt: '', fingerprint: 'f' };

/** As a replica answers. */
const RESTARTED = '{"results":[{"name":"shop","fingerprint":"f","result":"restarted"}]}';

interface World {
  readonly configured?: boolean;
  readonly isPassedOn?: boolean;
  readonly lookups?: { left: number };
  /** What the other replica answers when it is asked for the instance: an HTTP status. */
  readonly has?: number;
  readonly answer?: string | null;
}

/** An alert at a replica that does not watch the instance, beside one that may. */
async function send({ configured = true, has = 404, answer = RESTARTED, ...more }: World) {
  const calls: PeerRequest[] = [];
  const two = peerOf('two', null);
  const peers = fakePeers({
    discovers: true,
    list: () => [two],
    accountOf: () => (configured ? 'far' : null),
    ownerOf: () => two,
    call(_, request) {
      calls.push(request);
      if (request.method === 'GET') return jsonAnswer('{"name":"shop","account":"acme"}', has);
      if (answer === null) return Promise.reject(new PeerError('lost', true));
      return jsonAnswer(answer);
    },
  });
  const control = { requestRestart: () => Promise.reject(new Error('not here')) };
  const fleet = () => ({ accounts: new Map(), instances: new Map() });
  const { result } = await answerToAlert(ALERT, { fleet, control, peers, ...more });
  return { result, sent: calls.filter(({ method }) => method === 'POST').length, calls };
}

describe('an alert about an instance of another replica', () => {
  it('goes to its owner once, whose answer counts', async () => {
    const { result, calls } = await send({});
    expect([result, calls.map(({ path }) => path)]).toEqual(['restarted', ['/api/v1/hooks/alertmanager']]);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ alerts: [ALERT] });
  });

  it.each([null, '<html>', '{"results":[{"result":"exploded"}]}', '{"results":[]}'])(
    'has failed, and is not sent again, when the answer is %s',
    async (answer) => {
      expect(await send({ answer })).toMatchObject({ result: 'failed', sent: 1 });
    },
  );

  it.each([
    [true, 'failed'],
    [false, 'unknown_name'],
  ])('goes no further when another replica passed it on (in the config: %s)', async (configured, result) => {
    expect(await send({ configured, isPassedOn: true, has: 200 })).toMatchObject({ result, calls: [] });
  });

  it('that only that one has found goes there, as long as not too many are looked for', async () => {
    expect(await send({ configured: false, has: 200 })).toMatchObject({ result: 'restarted', sent: 1 });
    expect(await send({ configured: false, has: 404 })).toMatchObject({ result: 'unknown_name', sent: 0 });
    expect(await send({ configured: false, has: 500 })).toMatchObject({ result: 'failed', sent: 0 });
    const lookups = { left: 1 };
    expect(await send({ configured: false, has: 200, lookups })).toMatchObject({ result: 'restarted' });
    expect(await send({ configured: false, has: 200, lookups })).toMatchObject({ result: 'unknown_name', calls: [] });
  });
});
