import { describe, expect, it } from 'vitest';
import { configuredHooks } from '../../src/assembly/account-hooks.ts';
import type { AccountConfig } from '../../src/config/config.ts';
import { MINUTE, SECOND } from '../../src/core/time.ts';
import { compileWebhooks, parseWebhook } from '../../src/gateway/answers/webhook.ts';
import { createApp } from '../../src/http/app.ts';
import { lineOf } from '../../src/telemetry/log/event-line.ts';
import { FakeGateway } from '../fleet/fake-gateway.ts';
import { testPolicy } from '../fleet/policy.ts';
import { fleetClock, startSmallFleet } from '../fleet/small-fleet.ts';
import { builtIn } from '../gateway/answers.ts';
import { CAPTURED_HOOKS, readHook } from '../gateway/captures.ts';
import { httpParts, NO_TOKENS, partsOf } from './http-parts.ts';

const HOOK_TOKEN = 'token-of-the-account';
const SECRET = 'k3y-that-must-never-be-seen';
/** What people say, and who they are, in the captures. */
const PRIVATE = ['hello', '5511999990002', '5511999990003', 'Ana', 'iVBORw0KGgo', '2@'];

/** The captured webhook comes to a fleet that has its instance, or does not; what the watchdog says, logs and keeps of that. */
async function sent(name: string, body: string, contentType: string, isWatched: boolean) {
  const profile = builtIn(name);
  const [id = null] = compileWebhooks(profile).ofAccount?.idsIn(parseWebhook(body, contentType)) ?? [];
  const clock = fleetClock();
  const fleet = await startSmallFleet({
    clock,
    gateway: Object.assign(new FakeGateway(clock), compileWebhooks(profile)),
    policy: testPolicy({ silentAfter: 3_600 }),
    instances: [{ id: isWatched ? (id ?? 'one') : 'another', name: 'one', account: 'acme' }],
  });
  const account = { name: 'acme', gateway: name, hookToken: HOOK_TOKEN, profile } as unknown as AccountConfig;
  const app = createApp(
    httpParts({
      ...partsOf(fleet),
      access: () => NO_TOKENS,
      hooks: configuredHooks(() => ({ accounts: new Map([['acme', account]]) })),
    }),
  );
  await clock.run(10 * SECOND);
  const answering = Promise.resolve(
    // One that names no instance goes to the URL of the instance.
    app.request(`/api/v1/hooks/gateway${id === null ? '/one' : ''}?token=${HOOK_TOKEN}`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    }),
  );
  await clock.run(SECOND);
  const response = await answering;
  const answer = (await response.json()) as { readonly result?: string };
  await clock.run(MINUTE);
  const lines = fleet.events.map((event) => lineOf(event));
  const kept = [...(await fleet.store.load())];
  return { id, status: response.status, answer, said: JSON.stringify([answer, fleet.events, lines, kept]), fleet };
}

describe('of a captured webhook', () => {
  it.each(CAPTURED_HOOKS)('%s %s, nothing is said, logged or kept but what came of it', async (gateway, name) => {
    const { contentType, body } = readHook(gateway, name);
    const text = body.replaceAll('<token>', SECRET);
    const kind = compileWebhooks(builtIn(gateway)).ofAccount?.kindOf(parseWebhook(body, contentType), null);
    const found = await sent(gateway, text, contentType, true);
    const result = kind === 'message' ? 'message' : kind === 'connection' ? 'probe' : 'ignored';
    expect([found.status, found.answer.result]).toEqual([202, found.id === null ? undefined : result]);
    expect(found.fleet.instance('one').activity.lastAt === null).toBe(kind !== 'message');
    const unknown = await sent(gateway, text, contentType, false);
    if (found.id !== null) expect([unknown.status, unknown.answer.result]).toEqual([202, 'unknown_instance']);
    for (const { said } of [found, unknown]) {
      expect([SECRET, HOOK_TOKEN, ...PRIVATE].filter((each) => said.includes(each))).toEqual([]);
    }
  });
});
