import { sleep } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import { PRESETS } from './behaviour.ts';
import type { Behaviour, DurationMs, Preset } from './behaviour.ts';
import { phoneNumberIdAt } from './simulator.ts';
import type { Simulator } from './simulator.ts';

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

function healingWithin(seconds: number): Behaviour['onRestart'] {
  return [{ answers: 'accepted', effect: { after: seconds * second, becomes: 'connected' } }];
}

const FATES: readonly Omit<FleetMember, 'phoneNumberId'>[] = [
  { name: 'reception', fate: 'never breaks', changes: [] },
  {
    name: 'support',
    fate: 'loses its connection; the first restart heals it',
    changes: [{ at: 5 * second, becomes: { probe: 'disconnected', onRestart: healingWithin(2) } }],
  },
  {
    name: 'sales',
    fate: 'loses its connection; needs ten seconds after the restart',
    changes: [{ at: 6 * second, becomes: { probe: 'disconnected', onRestart: healingWithin(10) } }],
  },
  {
    name: 'billing',
    fate: 'its first restart is accepted and does nothing; the second heals it',
    changes: [{ at: 7 * second, becomes: 'restart_lies_once' }],
  },
  {
    name: 'warehouse',
    fate: 'dead for good: restarts are accepted and never help',
    changes: [{ at: 8 * second, becomes: 'dead' }],
  },
  {
    name: 'hotel',
    fate: 'the gateway answers its restarts with 200 and "error": true',
    changes: [{ at: 9 * second, becomes: 'restart_denied' }],
  },
  {
    name: 'delivery',
    fate: 'hangs in connecting until it counts as stuck; a restart heals it',
    changes: [{ at: 10 * second, becomes: { probe: 'connecting', onRestart: healingWithin(1) } }],
  },
  {
    name: 'bakery',
    fate: 'flaps: each restart heals it, and a few seconds later it breaks again',
    changes: [10, 20, 30, 40, 50].map((at) => ({
      at: at * second,
      becomes: { probe: 'disconnected', onRestart: healingWithin(1) },
    })),
  },
  {
    name: 'marketing',
    fate: 'its phone is logged out; a person scans the QR code half a minute later',
    changes: [
      { at: 12 * second, becomes: 'qr' },
      { at: 42 * second, becomes: 'connected' },
    ],
  },
  {
    name: 'outlet',
    fate: 'gets banned by WhatsApp',
    changes: [{ at: 14 * second, becomes: 'banned' }],
  },
  {
    name: 'archive',
    fate: 'is deleted at the gateway: not found',
    changes: [{ at: 16 * second, becomes: 'not_found' }],
  },
  {
    name: 'pharmacy',
    fate: 'is rate limited for a while, which does not mean that it is disconnected',
    changes: [
      { at: 18 * second, becomes: 'rate_limited' },
      { at: 38 * second, becomes: 'connected' },
    ],
  },
  {
    name: 'clinic',
    fate: 'the gateway fails with 500 for it; a restart heals it',
    changes: [{ at: 20 * second, becomes: { probe: 'server_error', onRestart: healingWithin(2) } }],
  },
  {
    name: 'school',
    fate: 'drops out for two seconds and reconnects by itself',
    changes: [25, 45].map((at) => ({
      at: at * second,
      becomes: { ...PRESETS.disconnected, changes: { after: 2 * second, to: PRESETS.connected } },
    })),
  },
];

/**
 * A fleet that breaks in every way worth seeing, within a minute. Timed for a watchdog that probes each second and
 * takes three failing probes for an outage.
 */
export const DEMO_FLEET: readonly FleetMember[] = FATES.map((member, index) => ({
  ...member,
  phoneNumberId: phoneNumberIdAt(index),
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
  simulator: Pick<Simulator, 'set'>,
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
