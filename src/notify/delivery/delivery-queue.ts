import pRetry from 'p-retry';
import type { ReceiverSettings } from '../../core/notification.ts';
import { MINUTE, SECOND, type DurationMs } from '../../core/time.ts';
import type { Masks } from '../../redaction/masks.ts';
import { deadline, sleep, type Clock } from '../../time/clock.ts';
import { judge, type Refusal, type WebhookAnswer } from './answer.ts';
import type { Message } from '../notice.ts';
import type { Style } from '../formats/in-words.ts';
import { requestOf, type MailRequest, type WebhookRequest } from './request.ts';

/** At most this many messages wait for one receiver; the oldest are dropped. */
const MOST_QUEUED = 10_000;
const FIRST_WAIT: DurationMs = SECOND;
const LONGEST_WAIT: DurationMs = MINUTE;
/** A receiver may ask for longer waits, up to this. */
const LONGEST_RETRY_AFTER: DurationMs = 15 * MINUTE;
/** Share of a wait that chance may add. */
const JITTER = 0.5;

/** Posts or mails. Without an answer it rejects with an Error that is fit for a log (no URL in it); it must heed the signal. */
export type Transport = (request: WebhookRequest | MailRequest, signal: AbortSignal) => Promise<WebhookAnswer>;

/** The log of a receiver; at most a few lines per trouble. */
export interface NotifyLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface DeliveryQueueParts {
  readonly clock: Clock;
  /** Read for each attempt, because a reload may change them. */
  readonly settings: () => ReceiverSettings;
  readonly transport: Transport;
  readonly masks: Masks;
  /** How people are spoken to; read for each attempt. */
  readonly style: () => Style;
  readonly log: NotifyLog;
  /** This many events will not be delivered. */
  readonly onDropped: (count: number) => void;
  readonly mostQueued?: number;
}

/** Why an attempt failed. */
class Undelivered extends Error {
  /** What the receiver answered; null: nothing. */
  readonly refusal: Refusal | null;

  constructor(reason: string, refusal: Refusal | null = null) {
    super(reason);
    this.refusal = refusal;
  }
}

/**
 * Delivers the messages of one receiver, one after the other, each again until it is accepted, refused or too old.
 * Nothing waits for it: what it cannot keep is dropped and counted.
 */
export class DeliveryQueue {
  private readonly parts: DeliveryQueueParts;
  private readonly queue: Message[] = [];
  private readonly end = new AbortController();
  private waitCut = new AbortController();
  private running: Promise<void> | null = null;
  private closing = false;
  /** Attempts in a row that failed. */
  private failures = 0;
  /** Events lost since everything was delivered last. */
  private lost = 0;

  constructor(parts: DeliveryQueueParts) {
    this.parts = parts;
  }

  add(message: Message): void {
    const { mostQueued = MOST_QUEUED } = this.parts;
    if (this.queue.length >= mostQueued) {
      const oldest = this.queue.shift();
      if (oldest !== undefined) this.drop(oldest, `${mostQueued} messages wait already`);
    }
    this.queue.push(message);
    this.running ??= this.run();
  }

  /** Tries again now, because something has changed that may help. */
  tryNow(): void {
    this.waitCut.abort();
    this.waitCut = new AbortController();
  }

  /** Gives what waits one more attempt within `limit`; the rest is dropped. Never rejects. */
  async close(limit: DurationMs): Promise<void> {
    this.closing = true;
    this.waitCut.abort();
    const cancel = this.parts.clock.after(limit, () => this.end.abort());
    await this.running;
    cancel();
  }

  private async run(): Promise<void> {
    for (let message = this.queue.shift(); message !== undefined; message = this.queue.shift()) {
      await this.deliver(message);
    }
    this.running = null;
  }

  private async deliver(message: Message): Promise<void> {
    try {
      if (this.failures > 0 && this.isTooOld(message, 0)) throw new Undelivered('it waited too long');
      await pRetry(() => this.attempt(message), {
        retries: Number.POSITIVE_INFINITY,
        // We wait ourselves, because p-retry does not use the clock.
        minTimeout: 0,
        factor: 1,
        shouldRetry: ({ error }) => this.waitToRetry(message, error),
      });
      this.delivered();
    } catch (error) {
      this.drop(message, error instanceof Error ? error.message : String(error));
    }
  }

  private async attempt(message: Message): Promise<void> {
    const { clock, settings, transport, masks, style } = this.parts;
    const current = settings();
    const limit = deadline(clock, this.end.signal, current.timeout);
    try {
      if (limit.signal.aborted) throw new Undelivered('the watchdog stopped');
      const answer = await transport(requestOf(message, current, masks, clock.wall(), style()), limit.signal);
      const refusal = judge(answer, masks, clock.wall(), current.format);
      if (refusal !== null) throw new Undelivered(refusal.reason, refusal);
    } catch (error) {
      this.failures += 1;
      const undelivered = limit.expired()
        ? new Undelivered(`no answer within ${current.timeout / SECOND} s`)
        : asUndelivered(error);
      if (this.failures === 1) this.logFailing(undelivered.message);
      throw undelivered;
    } finally {
      limit.dispose();
    }
  }

  /** False: another attempt is not worth it. */
  private async waitToRetry(message: Message, error: Error): Promise<boolean> {
    if (!(error instanceof Undelivered) || error.refusal?.final === true || this.closing) return false;
    const wait = this.waitAfter(error.refusal?.retryAfter ?? 0);
    if (this.isTooOld(message, wait)) return false;
    const { signal } = this.waitCut;
    await sleep(this.parts.clock, wait, signal);
    // The end of the process cuts the wait short and means one more attempt, too.
    return true;
  }

  private waitAfter(retryAfter: DurationMs): DurationMs {
    const backoff = Math.min(FIRST_WAIT * 2 ** Math.min(this.failures - 1, 30), LONGEST_WAIT);
    const wait = Math.max(backoff, Math.min(retryAfter, LONGEST_RETRY_AFTER));
    return Math.round(wait * (1 + JITTER * this.parts.clock.random()));
  }

  private isTooOld({ queuedAt }: Message, wait: DurationMs): boolean {
    return this.parts.clock.now() + wait - queuedAt > this.parts.settings().giveUpAfter;
  }

  private delivered(): void {
    const { name } = this.parts.settings();
    if (this.failures > 0) {
      this.parts.log.info(
        { event: 'notify_works_again', receiver: name, waiting: this.queue.length },
        `notifications to ${name} get through again`,
      );
    }
    this.failures = 0;
    if (this.queue.length > 0 || this.lost === 0) return;
    this.parts.log.info(
      { event: 'notify_caught_up', receiver: name, lost: this.lost },
      `everything that waited for ${name} is delivered; ${this.lost} events were lost before`,
    );
    this.lost = 0;
  }

  private logFailing(reason: string): void {
    const { name } = this.parts.settings();
    this.parts.log.warn(
      { event: 'notify_failing', receiver: name, reason },
      `notifying ${name} fails: ${reason}. Check its url, its token and the service behind it; messages that can wait are tried again.`,
    );
  }

  private drop({ count }: Message, reason: string): void {
    const { name } = this.parts.settings();
    this.parts.onDropped(count);
    if (this.lost === 0) {
      this.parts.log.warn(
        { event: 'notify_dropped', receiver: name, reason },
        `a notification to ${name} is lost: ${reason}. Further ones are only counted (watchdog_events_dropped_total).`,
      );
    }
    this.lost += count;
  }
}

function asUndelivered(error: unknown): Undelivered {
  if (error instanceof Undelivered) return error;
  return new Undelivered(error instanceof Error ? error.message : String(error));
}
