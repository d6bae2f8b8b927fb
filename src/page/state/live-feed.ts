import { ApiProblem, type ApiClient } from './api-client.ts';
import type { FleetState } from './fleet-state.ts';
import { rowsOf, type Listed } from './fleet-rows.ts';
import type { Speech } from '../speech/speech.ts';
import { every } from './page-clock.ts';
import { SseParser, type SseMessage } from './sse-parser.ts';
import type { StatusView } from '../../http/views/schemas.ts';

const PAGE_SIZE = 1_000;
/** After this long without data the connection is dead, even if the browser still shows it as open. */
const DEAD_AFTER_MS = 25_000;
const LOOK_EVERY_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

/** What it needs of the API. */
type Feeds = Pick<ApiClient, 'get' | 'stream'>;

/** Keeps the state of the page up to date: loads the fleet, follows the live stream, and begins again when it breaks. */
export class LiveFeed {
  private readonly api: Feeds;
  private readonly state: FleetState;
  private wake: () => void = () => undefined;
  /** Messages that came while the fleet is being loaded; null: it is loaded. */
  private waiting: SseMessage[] | null = null;
  private loads = 0;

  constructor(api: Feeds, state: FleetState) {
    this.api = api;
    this.state = state;
  }

  /** Never ends. */
  async run(): Promise<never> {
    const { clock } = this.state;
    for (let failures = 0; ;) {
      const before = this.state.lastMessageAt;
      const why = await this.follow();
      if (why instanceof ApiProblem && why.status === 401) {
        this.state.connection.set({ state: 'locked' });
        await this.sleep(null);
        continue;
      }
      failures = this.state.lastMessageAt === before ? failures + 1 : 1;
      const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.75 + clock.random() / 2);
      this.state.connection.set({ state: 'lost', why: wordsOf(why, this.state.speech) });
      await this.sleep(delay);
    }
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    this.wake();
  }

  /** Follows one stream to its end, and returns why it ended. */
  private async follow(): Promise<unknown> {
    const leave = new AbortController();
    const { clock } = this.state;
    let lastDataAt = clock.now();
    const endLooks = every(clock, LOOK_EVERY_MS, () => {
      if (clock.now() - lastDataAt > DEAD_AFTER_MS) leave.abort(new Error('no data came for too long'));
    });
    const parser = new SseParser();
    try {
      for await (const chunk of this.api.stream('api/v1/events?probes=true', leave.signal)) {
        lastDataAt = clock.now();
        this.state.lastMessageAt = lastDataAt;
        for (const message of parser.push(chunk)) this.onMessage(message, leave);
      }
      return null;
    } catch (error) {
      return leave.signal.aborted ? leave.signal.reason : error;
    } finally {
      endLooks();
      leave.abort();
      this.loads += 1;
    }
  }

  /** Each hello means that earlier data is unreliable: changes may have been missed, or everything is new. */
  private onMessage(message: SseMessage, leave: AbortController): void {
    if (message.event !== 'hello') {
      if (this.waiting === null) this.state.apply(message);
      else this.waiting.push(message);
      return;
    }
    this.waiting = [];
    this.loads += 1;
    const load = this.loads;
    this.load(load).catch((error: unknown) => {
      if (load === this.loads) leave.abort(error);
    });
  }

  private async load(load: number): Promise<void> {
    const status = await this.api.get<StatusView>('api/v1/status');
    const instances: Listed[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { instances: Listed[]; nextCursor: string | null } = await this.api.get(
        `api/v1/instances?limit=${PAGE_SIZE}&heartbeats=true${from}`,
      );
      instances.push(...page.instances);
      cursor = page.nextCursor;
      // Another stream or another hello has taken over.
      if (load !== this.loads) return;
    }
    this.state.status.set(status);
    this.state.synchronize(status.now);
    this.state.rows.set(rowsOf(instances, this.state.speech));
    const waited = this.waiting ?? [];
    this.waiting = null;
    for (const message of waited) this.state.apply(message);
    this.state.connection.set({ state: 'live' });
  }

  /** @param delay null: until woken */
  private async sleep(delay: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = delay === null ? null : this.state.clock.after(delay, resolve);
      this.wake = () => {
        cancel?.();
        resolve();
      };
    });
  }
}

function wordsOf(why: unknown, { page: { frame } }: Speech): string {
  if (why === null) return frame.ended;
  return why instanceof ApiProblem ? frame.httpStatus(why.status) : frame.noConnection;
}
