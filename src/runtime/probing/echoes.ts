import { isPaused } from '../../core/instance/holds.ts';
import type { Hold } from '../../core/instance/instance.ts';
import { ECHO_EVERY, ECHO_WITHIN, echoNumber, echoText, type EchoOutcome } from '../../core/silence/echo.ts';
import { SECOND, type DurationMs, type EpochMs } from '../../core/time.ts';
import { sleep } from '../../time/clock.ts';
import type { Times } from '../../time/wall-clock.ts';
import type { Account } from '../fleet/account.ts';
import { roomForCall } from '../fleet/call-room.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Instance } from '../fleet/instance.ts';
import type { Guards } from '../guards/guards.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';

export interface EchoesParts extends Times {
  readonly guards: Pick<Guards, 'holdsOn'>;
  readonly fleet: () => Fleet;
  readonly reconciler: Pick<Reconciler, 'heard' | 'observe'>;
  /** Whether no other process can own the account now. */
  readonly mayRestart: (account: string) => boolean;
  /** 16 hexadecimal digits that nobody can guess. */
  readonly newMark: () => string;
  readonly onEnd: (account: string, outcome: EchoOutcome) => void;
}

const SEND_TIMEOUT: DurationMs = 30 * SECOND;

/** What of the holds of a restart also keeps a message from being sent. */
const STOPS: ReadonlySet<Hold> = new Set<Hold>([
  ...(['storm', 'gateway_outage', 'own_network', 'maintenance', 'paused', 'dry_run', 'startup'] as const),
]);

/**
 * Has instances send a message from time to time that must come back as a webhook: the only way to find out soon that one is
 * connected and deaf. One at a time in each account, of instances that are well, and nothing else is ever sent.
 */
export class Echoes {
  readonly #parts: EchoesParts;
  /** By mark: ends the wait for it. */
  readonly #awaited = new Map<string, () => void>();
  readonly #dueAt = new WeakMap<Instance, EpochMs>();
  readonly #busy = new Set<Account>();
  #senders: { readonly of: Fleet; readonly instances: readonly Instance[] } | null = null;

  constructor(parts: EchoesParts) {
    this.#parts = parts;
  }

  /** The webhook of a message with this mark came; whether it was awaited. */
  heard(mark: string): boolean {
    const end = this.#awaited.get(mark);
    end?.();
    return this.#awaited.delete(mark);
  }

  /** Sends what is due until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const now = this.#parts.clock.now();
      for (const instance of this.#due(now)) {
        if (this.#busy.has(instance.account) || !this.#isFit(instance)) continue;
        this.#dueAt.set(instance, now + (instance.policy.activity.echo?.every ?? 0));
        void this.#send(instance, signal);
      }
      await sleep(this.#parts.clock, ECHO_EVERY, signal);
    }
  }

  /** Those whose message is due, the one that waits longest first: there may not be time enough for all. */
  #due(now: EpochMs): readonly Instance[] {
    const dueAt = (instance: Instance): EpochMs => this.#dueAt.get(instance) ?? 0;
    const due = this.#sending(now).filter((instance) => dueAt(instance) <= now && !this.#busy.has(instance.account));
    return due.sort((one, other) => dueAt(one) - dueAt(other));
  }

  /** Those that are to send; new ones are spread over their interval. */
  #sending(now: EpochMs): readonly Instance[] {
    const fleet = this.#parts.fleet();
    if (this.#senders?.of === fleet) return this.#senders.instances;
    const instances = [...fleet.instances.values()].filter(({ policy }) => policy.activity.echo !== null);
    for (const [index, instance] of instances.entries()) {
      const every = instance.policy.activity.echo?.every ?? 0;
      const known = this.#dueAt.get(instance);
      const first = now + every * ((index + 1) / instances.length);
      // Its interval may be shorter now; that others have come or gone brings nothing forward.
      this.#dueAt.set(instance, known === undefined ? first : Math.min(known, now + every));
    }
    this.#senders = { of: fleet, instances };
    return instances;
  }

  #isFit(instance: Instance): boolean {
    const { guards, wall, mayRestart } = this.#parts;
    const { state, account, isWatched } = instance;
    if (!isWatched || state.phase !== 'healthy' || account.gateway.send === undefined) return false;
    if (isPaused(state, wall.now()) || !mayRestart(account.name)) return false;
    return this.#numberFor(instance) !== null && !guards.holdsOn(instance).some((hold) => STOPS.has(hold));
  }

  async #send(instance: Instance, signal: AbortSignal): Promise<void> {
    const { account } = instance;
    this.#busy.add(account);
    try {
      const outcome = await this.#tryOnce(instance, signal);
      if (outcome !== null) this.#parts.onEnd(account.name, outcome);
    } finally {
      this.#busy.delete(account);
    }
  }

  /** Null: nothing was sent, because it was no longer wanted. */
  async #tryOnce(instance: Instance, signal: AbortSignal): Promise<EchoOutcome | null> {
    const { clock, reconciler, newMark } = this.#parts;
    const mark = newMark();
    const waited = new AbortController();
    const end = (): void => waited.abort();
    // It may come before the answer to the call.
    this.#awaited.set(mark, end);
    signal.addEventListener('abort', end);
    try {
      const sentAt = await this.#accepted(instance, mark, signal);
      if (typeof sentAt !== 'number') return sentAt;
      await sleep(clock, ECHO_WITHIN, waited.signal);
      if (!this.#awaited.has(mark)) {
        reconciler.heard(instance, clock.now());
        return 'returned';
      }
      if (signal.aborted) return null;
      // A message of somebody else shows as much.
      if (instance.activity.at >= sentAt) return 'returned';
      if (!this.#isFit(instance)) return null;
      await reconciler.observe(instance, { type: 'echo_missed', since: sentAt, limit: ECHO_WITHIN });
      return 'missing';
    } finally {
      signal.removeEventListener('abort', end);
      this.#awaited.delete(mark);
    }
  }

  /** When it was sent. */
  async #accepted(instance: Instance, mark: string, signal: AbortSignal): Promise<EpochMs | 'not_sent' | null> {
    const leave = await roomForCall(instance.account, signal);
    if (leave === null) return null;
    try {
      const to = this.#numberFor(instance);
      const { send } = instance.account.gateway;
      if (to === null || send === undefined || !this.#isFit(instance)) return null;
      const sentAt = this.#parts.clock.now();
      const isAccepted = await send(instance, { to, text: echoText(mark) }, SEND_TIMEOUT, signal);
      return isAccepted ? sentAt : 'not_sent';
    } finally {
      leave();
    }
  }

  /** The number that gets it: its own, or that of an instance of the same account; null: it is not known, or cannot answer. */
  #numberFor({ policy, phoneNumberId, account }: Instance): string | null {
    const to = policy.activity.echo?.to ?? '';
    const other = this.#parts.fleet().instances.get(to);
    const number = echoNumber(to, phoneNumberId, other?.account === account ? other.phoneNumberId : null);
    return number === phoneNumberId && account.gateway.sendsToSelf === false ? null : number;
  }
}
