import { sleep, type Clock } from '../time/clock.ts';
import { PRESETS, type Behaviour, type DurationMs, type Preset, type ProbeAnswer } from './instance/behaviour.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';
import { phoneNumberIdAt } from './simulator.ts';

/** One instance of a scripted fleet: connected at first, then as its changes say. */
export interface FleetMember {
  readonly name: string;
  readonly phoneNumberId: string;
  /** Its story in a few words, for people who watch. */
  readonly fate: string;
  readonly changes: readonly FleetChange[];
}

export interface FleetChange {
  /** Since the script began. */
  readonly at: DurationMs;
  readonly becomes: Preset | Behaviour;
}

/** A change that was just made. */
export interface FleetStep extends FleetChange {
  readonly member: FleetMember;
}

const second: DurationMs = 1_000;

/** What an instance becomes, and that each restart heals it within this many seconds. */
function broken(probe: ProbeAnswer, seconds: number): Behaviour {
  return { probe, onRestart: [{ answers: 'accepted', effect: { after: seconds * second, becomes: 'connected' } }] };
}

const interrupted: Behaviour = { ...PRESETS.disconnected, changes: { after: 2 * second, to: PRESETS.connected } };

type Change = readonly [seconds: number, becomes: FleetChange['becomes']];

const FATES: readonly (readonly [name: string, fate: string, ...changes: Change[]])[] = [
  ['reception', 'never breaks'],
  ['support', 'loses its connection; the first restart heals it', [5, broken('disconnected', 2)]],
  ['sales', 'loses its connection; needs ten seconds after the restart', [6, broken('disconnected', 10)]],
  ['billing', 'its first restart is accepted and does nothing; the second heals it', [7, 'restart_lies_once']],
  ['warehouse', 'dead for good: restarts are accepted and never help', [8, 'dead']],
  ['hotel', 'the gateway answers its restarts with 200 and "error": true', [9, 'restart_denied']],
  ['delivery', 'hangs in connecting until it counts as stuck; a restart heals it', [10, broken('connecting', 1)]],
  [
    'bakery',
    'flaps: each restart heals it, and a few seconds later it breaks again',
    ...[10, 20, 30, 40, 50].map((at): Change => [at, broken('disconnected', 1)]),
  ],
  [
    'marketing',
    'its phone is logged out; a person scans the QR code half a minute later',
    [12, 'qr'],
    [42, 'connected'],
  ],
  ['outlet', 'gets banned by WhatsApp', [14, 'banned']],
  ['archive', 'is deleted at the gateway: not found', [16, 'not_found']],
  [
    'pharmacy',
    'is rate limited for a while, which does not mean that it is disconnected',
    [18, 'rate_limited'],
    [38, 'connected'],
  ],
  ['clinic', 'the gateway fails with 500 for it; a restart heals it', [20, broken('server_error', 2)]],
  ['school', 'drops out for two seconds and reconnects by itself', [25, interrupted], [45, interrupted]],
];

/**
 * A fleet that breaks in every way worth seeing, within a minute. Timed for a watchdog that probes each second and
 * takes three failing probes for an outage.
 */
export const DEMO_FLEET: readonly FleetMember[] = FATES.map(([name, fate, ...changes], index) => ({
  name,
  phoneNumberId: phoneNumberIdAt(index),
  fate,
  changes: changes.map(([seconds, becomes]) => ({ at: seconds * second, becomes })),
}));

/** The `instances` of `startSimulator` for a fleet: all of them connected. */
export function connectedFleet(fleet: readonly FleetMember[]): Record<string, Preset> {
  return Object.fromEntries(fleet.map(({ phoneNumberId }) => [phoneNumberId, 'connected']));
}

/**
 * Makes every change at its time, and reports it. Resolves after the last one, or as soon as `signal` aborts; never
 * rejects.
 */
export async function playFleetScript(
  fleet: readonly FleetMember[],
  simulator: Pick<SimulatedGateway, 'set'>,
  clock: Clock,
  signal: AbortSignal,
  onStep: (step: FleetStep) => void = () => undefined,
): Promise<void> {
  const beganAt = clock.now();
  const steps = fleet.flatMap((member) => member.changes.map((change): FleetStep => ({ ...change, member })));
  for (const step of steps.sort((a, b) => a.at - b.at)) {
    await sleep(clock, beganAt + step.at - clock.now(), signal);
    if (signal.aborted) return;
    simulator.set(step.member.phoneNumberId, step.becomes);
    onStep(step);
  }
}
