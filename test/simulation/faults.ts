import { HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import type { SimulatedClock } from '../../src/simulation/simulated-clock.ts';
import type { WorldGateway } from '../../src/simulation/world-gateway.ts';
import type { Disk } from './disk.ts';
import { WISHES, type Wish } from './people.ts';
import { HOPS, type SimulatedProcess } from './process.ts';

/** Everything that chance can lay its hands on. */
export interface Victims {
  readonly clock: SimulatedClock;
  readonly chance: Chance;
  readonly instances: readonly SimulatedInstance[];
  readonly gateways: ReadonlyMap<string, WorldGateway>;
  readonly disk: Disk;
  readonly process: () => SimulatedProcess;
  /** Nothing gets out of the machine for so long. */
  readonly cutNetwork: (duration: DurationMs) => void;
  /** The wall clock is set ahead by so much; a machine that was suspended finds it like that. */
  readonly setClock: (by: DurationMs) => void;
  /** Somebody wants something of an instance. */
  readonly wish: (simulated: SimulatedInstance, wish: Wish) => void;
  /** Somebody changes the config, and the process reads it again. */
  readonly reload: () => void;
  readonly tell: (words: string) => void;
}

const GATEWAY_TROUBLES: readonly Cause[] = ['timeout', 'refused', 'reset', 'dns', 'tls', 'server_error'];
const ILLNESSES: readonly Cause[] = [...GATEWAY_TROUBLES, 'disconnected', 'disconnected', 'disconnected', 'connecting'];
/** Between people: a restart takes the session back, or starts what somebody stopped, for a while. */
const TAKEN: readonly Cause[] = ['conflict', 'stopped'];
const HARM: readonly Cause[] = ['pairing_required', 'banned', 'not_found'];
const FOR_HUMANS: readonly Cause[] = ['pairing_required', 'banned', 'unauthorized', 'not_found'];
const UNCLEAR: readonly Cause[] = ['rate_limited', 'unknown_state', 'unreadable', 'not_the_gateway'];

/** Plans the troubles of single instances and of the whole, again and again at random, as long as the clock runs. */
export function unleash(victims: Victims): void {
  for (const simulated of victims.instances) again(victims, 3 * HOUR, () => trouble(victims, simulated));
  again(victims, 12 * HOUR, () => gatewayTrouble(victims));
  again(victims, 18 * HOUR, () => massDisconnect(victims));
  again(victims, 3 * HOUR, () => crash(victims));
  again(victims, 8 * HOUR, () => freeze(victims));
  again(victims, 12 * HOUR, () => stepClock(victims));
  again(victims, 24 * HOUR, () => fillDisk(victims));
  again(victims, 20 * HOUR, () => victims.cutNetwork(victims.chance.between(1, 15) * MINUTE));
  again(victims, HOUR / 2, () => {
    const { chance, instances, wish } = victims;
    const unwell = instances.filter(({ condition }) => condition !== 'connected');
    // People care for what does not work, most of the time.
    const whom = unwell.length > 0 && chance.happens(0.7) ? unwell : instances;
    wish(chance.pick(whom), chance.pick(WISHES));
  });
  again(victims, HOUR, () => victims.reload());
}

/** Lets `event` happen at random times, `mean` apart on average. */
function again(victims: Victims, mean: DurationMs, event: () => void): void {
  const wait = -Math.log(1 - victims.chance.next()) * mean;
  victims.clock.after(wait, () => {
    event();
    again(victims, mean, event);
  });
}

/** It goes down and comes up again in turns, half of `period` each, until `end`; then it stays up. */
function flap(simulated: SimulatedInstance, clock: SimulatedClock, period: DurationMs, end: EpochMs): void {
  const over = clock.now() >= end;
  simulated.become(over || simulated.condition !== 'connected' ? 'connected' : 'disconnected');
  if (!over) simulated.later(period / 2, () => flap(simulated, clock, period, end));
}

/** One chapter in the life of an instance. */
function trouble({ chance, clock }: Victims, simulated: SimulatedInstance): void {
  simulated.manner = 'obeys';
  simulated.cure = { after: chance.between(1, 60) * SECOND, chance: chance.pick([1, 1, 0.7, 0.3, 0]) };
  const end = chance.between(10, 120) * MINUTE;
  switch (chance.whole(0, 12)) {
    case 0: // reconnects by itself
      simulated.become('disconnected');
      simulated.later(chance.between(5, 300) * SECOND, () => simulated.become('connected'));
      return;
    case 1:
      flap(simulated, clock, chance.between(20, 600) * SECOND, clock.now() + end);
      return;
    case 2:
      simulated.become(chance.pick(FOR_HUMANS));
      simulated.later(end, () => simulated.become('connected'));
      return;
    case 3:
      simulated.become(chance.pick(UNCLEAR));
      simulated.later(end, () => simulated.become('connected'));
      return;
    case 4: // comes back very slowly
      simulated.cure = { after: chance.between(60, 600) * SECOND, chance: 1 };
      simulated.become('disconnected');
      return;
    case 5: // the gateway misbehaves when asked to restart it
      simulated.manner = chance.pick([
        'lies',
        'denies',
        'lacks',
        'limits',
        'is_hidden',
        'restarts_silently',
        'swallows',
        'unreachable',
      ]);
      simulated.become('disconnected');
      simulated.later(end, () => simulated.become('connected'));
      return;
    case 6: // its restart costs the pairing, or even the number
      simulated.cure = { after: chance.between(1, 60) * SECOND, chance: 0, harm: chance.pick(HARM) };
      simulated.become('disconnected');
      clock.after(end, () => {
        if (simulated.needsHuman) simulated.become('connected');
      });
      return;
    case 7: // somebody takes it again and again
      simulated.cure = { after: chance.between(1, 60) * SECOND, chance: 1, lasts: chance.between(20, 600) * SECOND };
      simulated.become(chance.pick(TAKEN));
      return;
    case 8: // somebody pairs it, and a long sync follows
      simulated.become('pairing_required');
      simulated.later(end, () => {
        simulated.become('connecting');
        simulated.later(chance.between(60, 500) * SECOND, () => simulated.become('connected'));
      });
      return;
    default:
      simulated.become(chance.pick(ILLNESSES));
  }
}

function gatewayTrouble({ chance, clock, gateways, tell }: Victims): void {
  const [account, gateway] = chance.pick([...gateways]);
  const cause = chance.pick([...GATEWAY_TROUBLES, 'rate_limited' as const, 'not_the_gateway' as const]);
  const share = chance.happens(0.6) ? 1 : chance.between(0.1, 0.7);
  const half = chance.whole(0, 2 ** 31);
  gateway.trouble = { cause, affects: ({ id }) => ((Number(id) * 7919 + half) % 1000) / 1000 < share };
  tell(`${account}: gateway ${cause} for ${Math.round(share * 100)} %`);
  clock.after(chance.between(2, 40) * MINUTE, () => {
    gateway.trouble = null;
    tell(`${account}: gateway well again`);
  });
}

function massDisconnect({ chance, instances, tell }: Victims): void {
  const share = chance.between(0.3, 1);
  tell(`${Math.round(share * 100)} % of all instances disconnect`);
  for (const simulated of instances) if (chance.happens(share)) simulated.become('disconnected');
}

function crash({ chance, process, tell }: Victims): void {
  if (chance.happens(0.3)) {
    tell('killed');
    process().die();
  } else process().diesAt = chance.pick(HOPS);
}

function freeze({ chance, process, tell }: Victims): void {
  const duration = chance.between(5, 300) * SECOND;
  tell(`frozen for ${Math.round(duration / SECOND)} s`);
  process().freeze(duration);
}

function stepClock({ chance, setClock, tell }: Victims): void {
  const step = chance.pick([-1, 1]) * chance.between(5, 3600) * SECOND;
  tell(`the wall clock steps by ${Math.round(step / SECOND)} s`);
  setClock(step);
}

function fillDisk({ chance, clock, disk, tell }: Victims): void {
  disk.full = true;
  tell('the disk is full');
  clock.after(chance.between(1, 40) * MINUTE, () => {
    disk.full = false;
    tell('the disk has room again');
  });
}
