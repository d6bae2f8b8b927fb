import { describe, expect, it } from 'vitest';
import { hangs, ENGLISH, message, notice, receiverSettings } from '../../../test/notify/notices.ts';
import type { ReceiverSettings } from '../../core/notification.ts';
import { HOUR, MINUTE, SECOND, type EpochMs } from '../../core/time.ts';
import { Masks } from '../../redaction/masks.ts';
import { SimulatedClock } from '../../simulation/simulated-clock.ts';
import type { WebhookAnswer } from './answer.ts';
import type { Message } from '../notice.ts';
import { DeliveryQueue } from './delivery-queue.ts';

const ok: WebhookAnswer = { status: 200, retryAfter: null, body: 'ok' };
const status = (code: number, more: Partial<WebhookAnswer> = {}): WebhookAnswer => ({
  ...{ status: code, retryAfter: null, body: '' },
  ...more,
});

/** A queue whose receiver answers as `answer` says. */
function startQueue(more: Partial<ReceiverSettings> = {}, mostQueued = 100) {
  const clock = new SimulatedClock();
  const world = {
    answer: (_signal: AbortSignal): Promise<WebhookAnswer> => Promise.resolve(ok),
    settings: receiverSettings({ format: 'cloudevents', ...more }),
    attempts: [] as { id: string; at: EpochMs; url: string }[],
    delivered: [] as string[],
    atOnce: 0,
    mostAtOnce: 0,
    dropped: 0,
    log: [] as string[],
  };
  const queue = new DeliveryQueue({
    clock,
    settings: () => world.settings,
    style: () => ENGLISH,
    async transport(request, signal) {
      const { url } = request;
      const id = ('headers' in request ? request.headers['webhook-id'] : undefined) ?? '';
      world.attempts.push({ id, at: clock.now(), url });
      world.atOnce += 1;
      world.mostAtOnce = Math.max(world.mostAtOnce, world.atOnce);
      try {
        const answer = await world.answer(signal);
        if (answer.status === 200) world.delivered.push(id);
        return answer;
      } finally {
        world.atOnce -= 1;
      }
    },
    masks: new Masks(() => []),
    log: {
      info: (fields, text) => world.log.push(`info ${JSON.stringify(fields)} ${text}`),
      warn: (fields, text) => world.log.push(`warn ${JSON.stringify(fields)} ${text}`),
    },
    onDropped: (count) => {
      world.dropped += count;
    },
    mostQueued,
  });
  const send = (...ids: string[]): void => {
    for (const id of ids) queue.add({ ...message(notice({ id })), queuedAt: clock.now() } satisfies Message);
  };
  return { clock, world, queue, send };
}

const waits = (attempts: readonly { at: EpochMs }[]): number[] =>
  attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? 0));

describe('a delivery queue', () => {
  it('delivers one message after the other, in order', async () => {
    const { clock, world, send } = startQueue();
    send('a', 'b', 'c');
    await clock.run(0);
    expect(world.delivered).toEqual(['a', 'b', 'c']);
    expect(world.mostAtOnce).toBe(1);
    expect(world.log).toEqual([]);
  });

  it('tries again with growing waits until the receiver is back, then delivers everything once', async () => {
    const { clock, world, send } = startQueue();
    world.answer = () => Promise.resolve(status(500));
    send('a', 'b');
    await clock.run(10 * MINUTE);
    expect(waits(world.attempts).slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1.25 * SECOND));
    world.answer = () => Promise.resolve(ok);
    await clock.run(2 * MINUTE);
    expect(world.delivered).toEqual(['a', 'b']);
    expect(world.dropped).toBe(0);
    expect(world.log.map((line) => /notify_\w+/.exec(line)?.[0])).toEqual(['notify_failing', 'notify_works_again']);
  });

  it('gives each request a deadline', async () => {
    const { clock, world, send } = startQueue();
    world.answer = hangs;
    send('a');
    await clock.run(12 * SECOND);
    expect(waits(world.attempts)).toEqual([11_250]);
    expect(world.log[0]).toContain('no answer within 10 s');
    world.answer = () => Promise.resolve(ok);
    await clock.run(MINUTE);
    expect(world.delivered).toEqual(['a']);
  });

  it.each([
    ['a number of seconds', { retryAfter: '120' }, 120],
    ['a fraction', { retryAfter: '90.5' }, 90.5],
    ['a date', { retryAfter: 'Thu, 01 Jan 2026 00:02:00 GMT' }, 120],
    ["Telegram's body", { body: '{"ok":false,"parameters":{"retry_after":120}}' }, 120],
    ['far too long a time', { retryAfter: '999999' }, 900],
    ['nonsense', { retryAfter: 'soon' }, 1],
  ])('waits as long as %s asks for', async (_, answer, seconds) => {
    const { clock, world, send } = startQueue();
    world.answer = () => Promise.resolve(status(429, answer));
    send('a');
    await clock.run(30 * MINUTE);
    expect(waits(world.attempts)[0]).toBe(seconds * 1.25 * SECOND);
  });

  it('drops what is too old, counts it, and says so once', async () => {
    const { clock, world, send } = startQueue({ giveUpAfter: HOUR });
    world.answer = () => Promise.resolve(status(503));
    send('a', 'b', 'c');
    await clock.run(2 * HOUR);
    expect(world.dropped).toBe(3);
    expect(world.log.filter((line) => line.includes('notify_dropped'))).toHaveLength(1);
    const attempts = world.attempts.length;
    await clock.run(HOUR);
    expect(world.attempts).toHaveLength(attempts);
    world.answer = () => Promise.resolve(ok);
    send('d');
    await clock.run(MINUTE);
    expect(world.delivered).toEqual(['d']);
    expect(world.log.at(-1)).toContain('3 events were lost');
  });

  it('drops at once what the receiver will never take, and goes on with the next', async () => {
    const { clock, world, send } = startQueue();
    const answers = [status(400, { body: 'invalid_payload' }), ok];
    world.answer = () => Promise.resolve(answers.shift() ?? ok);
    send('a', 'b');
    await clock.run(0);
    expect(world.delivered).toEqual(['b']);
    expect(world.dropped).toBe(1);
    expect(world.log.join('\n')).toContain('HTTP 400: invalid_payload');
  });

  it('takes a redirect for a failure, and not for a place to go', async () => {
    const { clock, world, send } = startQueue();
    world.answer = () => Promise.resolve(status(302));
    send('a');
    await clock.run(30 * SECOND);
    expect(world.attempts.length).toBeGreaterThan(1);
    expect(world.delivered).toEqual([]);
  });

  it('keeps a bounded number of messages: the oldest make room, and are counted', async () => {
    const { clock, world, send } = startQueue({}, 3);
    world.answer = hangs;
    send('a', 'b', 'c', 'd', 'e', 'f');
    expect(world.dropped).toBe(2);
    world.answer = () => Promise.resolve(ok);
    await clock.run(MINUTE);
    expect(world.delivered).toEqual(['a', 'd', 'e', 'f']);
  });

  it('counts every event of a message that is lost', async () => {
    const { clock, world, queue } = startQueue();
    world.answer = () => Promise.resolve(status(400));
    queue.add({ ...message(notice()), count: 50 });
    await clock.run(0);
    expect(world.dropped).toBe(50);
  });

  it('tries with new settings at once', async () => {
    const { clock, world, queue, send } = startQueue();
    world.answer = () => Promise.resolve(status(404));
    send('a');
    await clock.run(5 * MINUTE);
    world.answer = () => Promise.resolve(ok);
    world.settings = { ...world.settings, url: 'https://new.example.org/hook' };
    queue.tryNow();
    await clock.run(0);
    expect(world.delivered).toEqual(['a']);
    expect(world.attempts.at(-1)?.url).toBe('https://new.example.org/hook');
  });

  it('reports a bug of its own like any other failure, and does not stop over it', async () => {
    const { clock, world, send } = startQueue({ giveUpAfter: MINUTE });
    world.answer = () => Promise.reject(new TypeError('a bug'));
    send('a');
    await clock.run(2 * MINUTE);
    expect(world.dropped).toBe(1);
    expect(world.log[0]).toContain('a bug');
  });
});

describe('at the end', () => {
  it('what waits is tried once more and at once', async () => {
    const { clock, world, queue, send } = startQueue();
    world.answer = () => Promise.resolve(status(500));
    send('a', 'b');
    await clock.run(5 * MINUTE);
    world.answer = () => Promise.resolve(ok);
    const closed = queue.close(5 * SECOND);
    await clock.run(0);
    await closed;
    expect(world.delivered).toEqual(['a', 'b']);
  });

  it('a receiver that hangs gets a short time, and the rest is counted', async () => {
    const { clock, world, queue, send } = startQueue();
    world.answer = hangs;
    send('a', 'b', 'c');
    await clock.run(SECOND);
    let closed = false;
    const closing = queue.close(5 * SECOND).then(() => {
      closed = true;
    });
    await clock.run(4 * SECOND);
    expect(closed).toBe(false);
    await clock.run(SECOND);
    await closing;
    expect(world.dropped).toBe(3);
    expect(world.attempts).toHaveLength(1);
  });

  it('nothing is waited for where nothing waits', async () => {
    const { queue } = startQueue();
    await queue.close(5 * SECOND);
  });
});
