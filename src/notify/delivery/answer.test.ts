import { expect, it } from 'vitest';
import type { NotifyFormat } from '../../core/notification.ts';
import { Masks } from '../../redaction/masks.ts';
import { judge } from './answer.ts';

const NONE = new Masks(() => []);
const reasonOf = (status: number, body: string, format: NotifyFormat | null): string | null =>
  judge({ status, retryAfter: null, body }, NONE, 0, format)?.reason ?? null;

it.each(['slack', 'discord', 'telegram', 'ntfy', 'apprise', 'alertmanager'] as const)(
  'a login page with 200 in the place of %s did not take the message',
  (format) => {
    for (const page of ['<!doctype html><title>Log in</title>', '\n<HTML lang="en">']) {
      expect(reasonOf(200, page, format)).toBe('HTTP 200: a web page answers in its place');
    }
    expect(judge({ status: 200, retryAfter: null, body: '<html>' }, NONE, 0, format)?.final).toBe(false);
    for (const body of ['ok', '{"ok":true}', '', '<b>ok</b>']) expect(reasonOf(200, body, format)).toBe(null);
  },
);

it('what a receiver of your own answers with 200 is its own affair', () => {
  for (const format of ['cloudevents', 'standard', null] as const) expect(reasonOf(200, '<html>', format)).toBe(null);
});
