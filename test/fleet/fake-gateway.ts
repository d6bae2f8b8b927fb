import { NO_ANSWER } from '../../src/core/instance/observation.ts';
import type { DurationMs, EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type {
  Evidence,
  Gateway,
  ListResult,
  ListRoute,
  ProbeResult,
  RestartOptions,
  RestartResult,
  Target,
} from '../../src/gateway/gateway.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import { sleep } from '../../src/time/clock.ts';

/** A gateway made of variables. */
export class FakeGateway implements Gateway, ListRoute {
  readonly causes = new Map<string, Cause>();
  readonly probes: { id: string; at: EpochMs; evidence: Evidence }[] = [];
  readonly restarts: { id: string; at: EpochMs }[] = [];
  /** What each restart was called with. */
  readonly options: RestartOptions[] = [];
  /** What a probe says beside its cause, by id. */
  readonly more = new Map<string, Partial<ProbeResult>>();
  probeTakes: DurationMs = 0;
  /** Comes with `rate_limited`. */
  retryAfter: DurationMs | null = null;
  /** What answers say of the last message, on the wall. */
  lastActivityAt: EpochMs | null = null;
  restartTakes: DurationMs = 1_000;
  result: Partial<RestartResult> = {};
  onRestart: (id: string) => void = (id) => this.causes.set(id, 'connected');
  send: Gateway['send'];
  isMessage: (body: unknown, event: string | null) => boolean = () => false;
  /** What the list says: of which instances what; null: it has none, and fails. */
  listed: ReadonlyMap<string, Cause | null> | null = null;
  readonly lists: EpochMs[] = [];
  /** How many of them stand on one page of the list. */
  pageSize = Number.POSITIVE_INFINITY;
  listTakes: DurationMs = 0;
  listFails: Partial<Extract<ListResult, { type: 'failed' }>> = {};
  most = 0;
  closed = false;
  /** Whether `expectStates` was called. */
  expectsStates = false;
  private readonly clock: SimulatedClock;
  private inFlight = 0;

  constructor(clock: SimulatedClock) {
    this.clock = clock;
  }

  expectStates(): void {
    this.expectsStates = true;
  }

  async probe(
    { phoneNumberId: id }: Target,
    timeout: DurationMs,
    signal: AbortSignal,
    evidence: Evidence = 'usual',
  ): Promise<ProbeResult> {
    this.probes.push({ id, at: this.clock.now(), evidence });
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    const cause = this.causes.get(id) ?? 'connected';
    const takes = cause === 'timeout' ? timeout : this.probeTakes;
    if (takes > 0) await sleep(this.clock, takes, signal);
    this.inFlight -= 1;
    const retryAfter = cause === 'rate_limited' ? this.retryAfter : null;
    const { lastActivityAt } = this;
    const detail = null;
    return { cause: signal.aborted ? 'aborted' : cause, detail, retryAfter, lastActivityAt, ...this.more.get(id) };
  }

  async list(_timeout: DurationMs, signal: AbortSignal, page = 1): Promise<ListResult> {
    this.lists.push(this.clock.now());
    const { listed } = this;
    if (this.listTakes > 0) await sleep(this.clock, this.listTakes, signal);
    if (listed === null)
      return { type: 'failed', cause: 'server_error', detail: null, retryAfter: null, ...this.listFails };
    const all = [...listed].map(([id, cause]) => ({ id, cause, token: null }));
    const { pageSize } = this;
    if (all.length <= pageSize) return { type: 'listed', instances: all, unusable: 0 };
    const instances = all.slice((page - 1) * pageSize, page * pageSize);
    return { type: 'listed', instances, unusable: 0, pages: Math.ceil(all.length / pageSize) };
  }

  async restart({ phoneNumberId: id }: Target, options: RestartOptions): Promise<RestartResult> {
    const { signal } = options;
    this.restarts.push({ id, at: this.clock.now() });
    this.options.push(options);
    await sleep(this.clock, this.restartTakes, signal);
    const ended = { ...NO_ANSWER, httpStatus: 200 };
    if (signal.aborted) return { ...ended, outcome: 'unknown', httpStatus: null };
    this.onRestart(id);
    return { ...ended, outcome: 'accepted', ...this.result };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}
