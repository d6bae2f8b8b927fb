import { setMaxListeners } from 'node:events';
import type { JsonValue } from '../core/instance/instance.ts';
import { NO_ANSWER } from '../core/instance/observation.ts';
import { SECOND, type DurationMs } from '../core/time.ts';
import { wasAnswered, type Cause, type NeedsHumanCause } from '../core/verdict.ts';
import type {
  Gateway,
  GatewayHealth,
  HealthRoute,
  ListResult,
  ListRoute,
  ProbeResult,
  RestartOptions,
  RestartResult,
  Target,
} from '../gateway/gateway.ts';
import { sleep, type Clock } from '../time/clock.ts';
import type { Chance } from './chance.ts';
import type { SimulatedInstance, RestartManner } from './simulated-instance.ts';

/** A trouble of the gateway itself, independent of its instances. */
export interface Trouble {
  readonly cause: Cause;
  /** The instances that it affects. */
  readonly affects: (simulated: SimulatedInstance) => boolean;
}

/** Sees what truly reaches the gateway, and its answers. */
export interface Witness {
  probeAnswered?(simulated: SimulatedInstance, cause: Cause, startedAt: number): void;
  /** Its list says this of an instance. */
  listed?(simulated: SimulatedInstance, cause: Cause, startedAt: number): void;
  restartCalled?(simulated: SimulatedInstance): void;
  restartEnded?(simulated: SimulatedInstance, result: RestartResult): void;
}

/** One account of a simulated gateway with independent instances. Its `witness` sees every call. */
export class WorldGateway implements Gateway, HealthRoute, ListRoute {
  trouble: Trouble | null = null;
  /** What its health route says, whatever its instances answer; null: what its trouble makes of it. */
  healthSaid: { readonly health: GatewayHealth } | null = null;
  /** Nothing gets through, because the watchdog's own network is down. */
  cut = false;
  /** The wait that it requests when it limits callers; null: none. */
  retryAfter: DurationMs | null = 30 * SECOND;
  private readonly instances: ReadonlyMap<string, SimulatedInstance>;
  private readonly clock: Clock;
  private readonly chance: Chance;
  private readonly witness: Witness;

  constructor(instances: readonly SimulatedInstance[], parts: { clock: Clock; chance: Chance; witness: Witness }) {
    this.instances = new Map(instances.map((simulated) => [simulated.id, simulated]));
    this.clock = parts.clock;
    this.chance = parts.chance;
    this.witness = parts.witness;
  }

  /** The answer to a probe of this instance now. */
  truth(simulated: SimulatedInstance): Cause {
    if (this.cut) return 'dns';
    return this.trouble?.affects(simulated) === true ? this.trouble.cause : simulated.condition;
  }

  async probe({ phoneNumberId }: Target, timeout: DurationMs, signal: AbortSignal): Promise<ProbeResult> {
    const startedAt = this.clock.now();
    const simulated = this.instances.get(phoneNumberId);
    if (simulated === undefined) return { cause: 'not_found', detail: null, retryAfter: null };
    await this.pass(this.latency(), signal);
    const cause = this.truth(simulated);
    if (cause === 'timeout') await this.pass(startedAt + timeout - this.clock.now(), signal);
    if (signal.aborted) return { cause: 'aborted', detail: null, retryAfter: null };
    this.witness.probeAnswered?.(simulated, cause, startedAt);
    return { cause, detail: null, retryAfter: cause === 'rate_limited' ? this.retryAfter : null };
  }

  /** All its instances as they are, but for some that it leaves out. While it is in trouble itself it has no list. */
  async list(_timeout: DurationMs, signal: AbortSignal): Promise<ListResult> {
    const startedAt = this.clock.now();
    await this.pass(this.latency(), signal);
    const cause = signal.aborted ? 'aborted' : this.cut ? 'dns' : (this.trouble?.cause ?? null);
    if (cause !== null) {
      const retryAfter = cause === 'rate_limited' ? this.retryAfter : null;
      return { type: 'failed', cause, detail: null, retryAfter };
    }
    const named = [...this.instances.values()].filter(() => this.chance.happens(0.9));
    const instances = named.map((simulated) => {
      const said = this.truth(simulated);
      const isNamed = wasAnswered(said) && said !== 'unknown_state';
      if (isNamed) this.witness.listed?.(simulated, said, startedAt);
      return { id: simulated.id, token: null, cause: isNamed ? said : null };
    });
    return { type: 'listed', instances, unusable: 0 };
  }

  async restart({ phoneNumberId }: Target, { timeout, signal }: RestartOptions): Promise<RestartResult> {
    const simulated = this.instances.get(phoneNumberId);
    if (simulated === undefined) return answered('rejected', 404, null);
    this.witness.restartCalled?.(simulated);
    const result = await this.answerRestart(simulated, this.mannerNow(simulated), timeout, signal);
    this.witness.restartEnded?.(simulated, result);
    return result;
  }

  async health(_timeout: DurationMs, signal: AbortSignal): Promise<GatewayHealth> {
    await this.pass(this.latency(), signal);
    if (signal.aborted) return 'unknown';
    if (this.cut) return 'down';
    if (this.healthSaid !== null) return this.healthSaid.health;
    const cause = this.trouble?.cause ?? 'connected';
    return cause === 'server_error' || !wasAnswered(cause) ? 'down' : 'up';
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async answerRestart(
    simulated: SimulatedInstance,
    manner: RestartManner,
    timeout: DurationMs,
    signal: AbortSignal,
  ): Promise<RestartResult> {
    if (manner === 'unreachable') {
      await this.pass(SECOND, signal);
      return { ...NO_ANSWER, outcome: 'unreachable' };
    }
    await this.pass(this.latency(), signal);
    const refused = refusalOf(simulated);
    if (refused !== null) return refused;
    if (manner === 'obeys' || manner === 'restarts_silently')
      simulated.restart(this.chance.happens(simulated.cure.chance));
    if (manner === 'restarts_silently' || manner === 'swallows') {
      await this.pass(timeout, signal);
      return { ...NO_ANSWER, outcome: 'unknown' };
    }
    await this.pass(simulated.takes === 0 ? this.latency() : Math.min(simulated.takes, timeout), signal);
    if (signal.aborted || simulated.takes >= timeout) return { ...NO_ANSWER, outcome: 'unknown' };
    switch (manner) {
      case 'denies':
        return answered('rejected', 409, { error: true });
      case 'lacks':
        return { ...answered('rejected', 404, { error: true }), refusal: 'restart_unsupported' };
      case 'is_hidden':
        return { ...answered('rejected', 404, '404 page not found'), refusal: 'restart_unsupported' };
      case 'limits':
        return { ...answered('rejected', 429, null), rateLimited: true, retryAfter: this.retryAfter };
      case 'obeys':
      case 'lies':
        return answered('accepted', 200, { status: 'success' });
    }
  }

  /** A trouble of the whole gateway spoils restarts as well. */
  private mannerNow(simulated: SimulatedInstance): RestartManner {
    switch (this.truth(simulated)) {
      case 'refused':
      case 'dns':
      case 'tls':
        return 'unreachable';
      case 'reset':
        return this.chance.happens(0.5) ? 'restarts_silently' : 'swallows';
      case 'timeout':
        return this.trouble === null ? simulated.manner : 'swallows';
      case 'rate_limited':
        return 'limits';
      case 'not_the_gateway':
        return 'is_hidden';
      case 'server_error':
        return this.trouble === null ? simulated.manner : 'denies';
      default:
        return simulated.manner;
    }
  }

  private latency(): DurationMs {
    return Math.round(this.chance.between(10, 400));
  }

  private pass(delay: DurationMs, signal: AbortSignal): Promise<void> {
    // All calls of a watchdog share one signal; this many listeners are no leak.
    setMaxListeners(0, signal);
    return sleep(this.clock, delay, signal);
  }
}

/** As the profile of SmileAPI reads them. */
const REFUSALS: ReadonlyMap<number, NeedsHumanCause> = new Map([
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [404, 'restart_unsupported'],
  [405, 'restart_unsupported'],
]);

function refusalOf({ refusal }: SimulatedInstance): RestartResult | null {
  if (refusal === null || refusal.left === 0) return null;
  refusal.left -= 1;
  const { status } = refusal;
  const said = answered('rejected', status, { error: true });
  return { ...said, refusal: REFUSALS.get(status) ?? null, rateLimited: status === 429 };
}

function answered(outcome: RestartResult['outcome'], httpStatus: number, body: JsonValue): RestartResult {
  return { ...NO_ANSWER, outcome, httpStatus, body };
}
