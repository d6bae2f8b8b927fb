import { expect, test } from 'vitest';
import { remedyFor } from './remedy.ts';
import { TROUBLES } from './trouble.ts';
import { CAUSES } from './verdict.ts';

test('whatever needs a human says what the human has to do', () => {
  for (const cause of CAUSES.needs_human) expect(remedyFor(cause), cause).toMatch(/\w+\.$/);
});

test("the three troubles that SmileAPI's users meet come with their remedy", () => {
  expect(remedyFor('unauthorized')).toMatch(/wrong or expired: make a new one .* update token or tokenFile/);
  expect(remedyFor('not_found')).toMatch(/check its phoneNumberId/);
  for (const cause of ['timeout', 'refused', 'reset'] as const) {
    expect(remedyFor(cause)).toMatch(/network|firewall/);
    expect(remedyFor(cause)).toMatch(/whether the gateway is up/);
  }
});

test('what people did on purpose, or do elsewhere, comes with what they can do about it', () => {
  expect(remedyFor('stopped')).toMatch(/on purpose, pause the instance or set enabled: false/);
  expect(remedyFor('conflict')).toMatch(/open elsewhere: .*Close it there; a restart only/);
});

test('what answers in the place of the gateway is looked for between here and there', () => {
  expect(remedyFor('not_the_gateway')).toMatch(/proxy.*check baseUrl and the proxy, or sign in/);
});

test('no remedy sends the users of another gateway to SmileAPI', () => {
  for (const cause of Object.values(CAUSES).flat()) expect(remedyFor(cause) ?? '', cause).not.toMatch(/SmileAPI/i);
});

test('an unknown state names the settings that make it known', () => {
  expect(remedyFor('unknown_state')).toMatch(/statePath.*stateWords/);
});

test('a restart that the gateway does not offer names the settings that choose its route', () => {
  expect(remedyFor('restart_unsupported')).toMatch(/restartMethod.*baseUrl/);
});

test('what is healthy, and what the watchdog cures by itself, has no remedy', () => {
  for (const cause of ['connected', 'responding', 'disconnected', 'connecting', 'stuck_connecting'] as const) {
    expect(remedyFor(cause)).toBeNull();
  }
  expect(remedyFor(null)).toBeNull();
});

test('a trouble that the detail names has a remedy of its own, and none hides another', () => {
  for (const { detail, remedy } of Object.values(TROUBLES)) {
    expect(remedyFor('tls', `${detail} (CODE)`)).toBe(remedy);
    expect(remedy).toMatch(/\w+\)?\.$/);
  }
  expect(remedyFor('tls', 'no trusted TLS connection (EPROTO)')).toBe(remedyFor('tls'));
  expect(remedyFor(null, TROUBLES.expired.detail)).toBeNull();
});
