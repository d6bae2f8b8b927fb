import type { GroupObservation } from '../../core/group/group.ts';
import { SECOND, type DurationMs } from '../../core/time.ts';
import type { HealthRoute } from '../../gateway/gateway.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { Account, SharedGateway } from '../fleet/account.ts';
import type { Guards } from '../guards/guards.ts';

const EVERY: DurationMs = 30 * SECOND;
/** After a first failure the route is called again soon, so that one lost packet is not an outage. */
const AGAIN: DurationMs = 5 * SECOND;
const TIMEOUT: DurationMs = 10 * SECOND;
const FAILURES = 2;

export interface HealthPollsParts {
  readonly clock: Clock;
  readonly guards: Guards;
}

/** What a health route has said so far. */
interface Said {
  readonly route: HealthRoute | undefined;
  readonly wasUp: boolean;
  /** Failures in a row, up to now. */
  readonly failures: number;
}

/** Calls the gateways' own health routes, each for as long as its account is watched, and passes on what changes. */
export class HealthPolls {
  private readonly parts: HealthPollsParts;
  private readonly observe: (group: Account | SharedGateway, observation: GroupObservation) => void;
  private readonly polled = new Map<Account, AbortController>();

  constructor(parts: HealthPollsParts, observe: (group: Account | SharedGateway, seen: GroupObservation) => void) {
    this.parts = parts;
    this.observe = observe;
  }

  get accounts(): Iterable<Account> {
    return this.polled.keys();
  }

  /** Begins with those that are new. */
  follow(accounts: Iterable<Account>): void {
    for (const account of accounts) {
      if (this.polled.has(account)) continue;
      const controller = new AbortController();
      this.polled.set(account, controller);
      void this.poll(account, controller.signal);
    }
  }

  leave(account: Account): void {
    this.polled.get(account)?.abort();
    this.polled.delete(account);
  }

  private async poll(account: Account, signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    let said: Said = { route: undefined, wasUp: false, failures: 0 };
    while (!signal.aborted) {
      const saidAlone = account.shared !== null && account.group.route !== 'well';
      // That is for its gateway to say from now on.
      if (saidAlone) this.observe(account, { type: 'health_route', down: false });
      if (speaksForGateway(account)) said = await this.pollOnce(account, said, signal);
      await sleep(clock, said.failures > 0 && said.failures < FAILURES ? AGAIN : EVERY, signal);
    }
  }

  /**
   * Calls the route once. A failure counts only after a good answer of the same route: often the route is a guess, and a
   * guess must not hold restarts.
   */
  private async pollOnce(account: Account, before: Said, signal: AbortSignal): Promise<Said> {
    const { clock, guards } = this.parts;
    const { healthRoute: route } = account;
    const since = clock.now();
    const health = (await route?.health(TIMEOUT, signal)) ?? 'unknown';
    const failed = health === 'down' && (await guards.mayBlame(since));
    if (signal.aborted) return before;
    const known = route === before.route ? before : { wasUp: false, failures: 0 };
    const wasUp = known.wasUp || health === 'up';
    const failures = failed ? known.failures + 1 : 0;
    const down = wasUp && failures >= FAILURES;
    const group = account.shared ?? account;
    if (down !== (group.group.route !== 'well')) this.observe(group, { type: 'health_route', down });
    return { route, wasUp, failures };
  }
}

/** Of the accounts of a gateway, the first one that has a health route calls it for all. */
function speaksForGateway(account: Account): boolean {
  if (account.shared === null) return true;
  const first = [...account.shared.accounts].find(({ healthRoute }) => healthRoute !== undefined);
  return first === account;
}
