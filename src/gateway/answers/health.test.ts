import { expect, it } from 'vitest';
import { answer } from '../../../test/gateway/answers.ts';
import { healthOf } from './health.ts';

it.each([
  [200, '{"uptime":7}', 'up'],
  [200, 'OK', 'up'],
  [204, '', 'up'],
  [200, '<title>Sign in</title>', 'unknown'],
  [200, ' <!DOCTYPE html>', 'unknown'],
  [302, '', 'unknown'],
  [404, '404 page not found', 'unknown'],
  [407, '', 'unknown'],
  [511, '<html>', 'unknown'],
  [502, '<html>', 'down'],
  [503, '{}', 'down'],
])('a health route that answers %i with %j says %s', (status, body, health) => {
  expect(healthOf(answer(body, { status }))).toBe(health);
});
