import type { GroupObservation } from '../../core/group/group.ts';
import { sleep, type Clock } from '../../time/clock.ts';
import type { Account, SharedGateway } from '../fleet/account.ts';
import type { Guards } from '../guards/guards.ts';
import { HealthPoller } from '../guards/health-poller.ts';

export interface HealthPollsParts {
  readonly clock: Clock;
  readonly guards: Guards;
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
    const poller = new HealthPoller();
    while (!signal.aborted) {
      const saidAlone = account.shared !== null && account.group.route !== 'well';
      // That is for its gateway to say from now on.
      if (saidAlone) this.observe(account, { type: 'health_route', down: false });
      if (speaksForGateway(account)) await this.pollOnce(account, poller, signal);
      await sleep(clock, poller.wait, signal);
    }
  }

  private async pollOnce(account: Account, poller: HealthPoller, signal: AbortSignal): Promise<void> {
    const { clock, guards } = this.parts;
    const since = clock.now();
    const health = await poller.poll(account.healthRoute, signal);
    const counts = health !== 'down' || (await guards.mayBlame(since));
    if (signal.aborted) return;
    poller.record(counts ? health : 'unknown');
    const group = account.shared ?? account;
    if (poller.down !== (group.group.route !== 'well'))
      this.observe(group, { type: 'health_route', down: poller.down });
  }
}

/** Of the accounts of a gateway, the first one that has a health route calls it for all. */
function speaksForGateway(account: Account): boolean {
  if (account.shared === null) return true;
  const first = [...account.shared.accounts].find(({ healthRoute }) => healthRoute !== undefined);
  return first === account;
}
