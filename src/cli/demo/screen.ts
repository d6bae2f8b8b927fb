import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import type { FleetEvent } from '../../core/event.ts';
import type { Phase } from '../../core/instance/instance.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import type { Daemon } from '../../daemon.ts';
import type { Cancel } from '../../time/clock.ts';
import type { Instance } from '../../runtime/fleet/fleet.ts';
import type { Simulator } from '../../simulator/smileapi-server.ts';
import { renderTable, type Terminal } from '../terminal.ts';

const FRAME = 250;
const LAST_LINES = 10;

const PAINT: Readonly<Record<Phase, (text: string) => string>> = {
  unknown: pc.dim,
  healthy: pc.green,
  suspect: pc.yellow,
  down: pc.red,
  restarting: pc.magenta,
  recovering: pc.cyan,
  exhausted: pc.bgRed,
  needs_human: pc.bgYellow,
};

/** The token of the demo's gateway and API; no secret. */
export const DEMO_TOKEN = 'demo-token';

/** A live table on a terminal; elsewhere a line for each event. */
export class DemoScreen {
  private readonly daemon: Daemon;
  private readonly simulator: Simulator;
  private readonly terminal: Terminal;
  private readonly startedAt: EpochMs;
  private readonly lines: string[] = [];
  private readonly draw: ((frame: string) => void) & { done(): void };
  private cancelTimer: Cancel | null = null;
  private isOpen = false;

  constructor(daemon: Daemon, simulator: Simulator, terminal: Terminal) {
    this.daemon = daemon;
    this.simulator = simulator;
    this.terminal = terminal;
    this.startedAt = terminal.clock.now();
    this.draw = createLogUpdate(process.stdout);
  }

  open(): void {
    this.isOpen = true;
    this.terminal.write(
      `A simulated SmileAPI at ${this.simulator.url}, and the daemon healing its fleet.\n` +
        `Status page: ${this.daemon.url}/ (token for its buttons: ${DEMO_TOKEN})\n` +
        `Metrics: ${this.daemon.url}/metrics   API: ${this.daemon.url}/api/v1/instances\n\n`,
    );
    if (this.terminal.interactive) this.frame();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.cancelTimer?.();
    if (this.terminal.interactive) {
      this.draw(this.picture());
      this.draw.done();
    }
  }

  show(event: FleetEvent): void {
    // The compiler cannot see that the entry found by a type takes the events of that type.
    const words = (WORDS[event.type] as (event: FleetEvent) => string | null)(event);
    if (words !== null) this.print('name' in event ? event.name : '', words);
  }

  print(name: string, words: string): void {
    const seconds = Math.round((this.terminal.clock.now() - this.startedAt) / SECOND);
    const line = `${String(seconds).padStart(3)} s  ${name.padEnd(10)} ${words}`;
    this.lines.push(line);
    if (this.lines.length > LAST_LINES) this.lines.shift();
    if (!this.terminal.interactive) this.terminal.write(`${line}\n`);
  }

  private frame(): void {
    this.draw(this.picture());
    this.cancelTimer = this.terminal.clock.after(FRAME, () => this.frame());
  }

  private picture(): string {
    const now = this.terminal.clock.now();
    const rows = [...this.daemon.watchdog.fleet.instances.values()].map((instance) => rowOf(instance, now));
    return `${fleetTable(rows)}\n${this.lines.map((line) => pc.dim(line)).join('\n')}`;
  }
}

function fleetTable(rows: readonly (readonly [Phase, readonly string[]])[]): string {
  const lines = renderTable(
    ['NAME', 'PHASE', 'FOR', 'CAUSE', 'RESTARTS', 'HELD BY'],
    rows.map(([, cells]) => cells),
  ).split('\n');
  // Colours come last, or they would count as width.
  return lines
    .map((line, index) => {
      const phase = rows[index - 1]?.[0];
      return phase === undefined ? line : line.replace(phase, PAINT[phase](phase));
    })
    .join('\n');
}

function rowOf({ name, state, lastProbe }: Instance, now: EpochMs): readonly [Phase, readonly string[]] {
  const seconds = `${Math.floor((now - state.since) / SECOND)} s`;
  const cause = lastProbe?.cause ?? '';
  return [state.phase, [name, state.phase, seconds, cause, String(state.history.length), state.holds.join(', ')]];
}

type EventOf<Type extends FleetEvent['type']> = Extract<FleetEvent, { readonly type: Type }>;

const TROUBLES: ReadonlySet<Phase> = new Set<Phase>(['down', 'exhausted', 'needs_human', 'suspect']);

const failed = ({ type, reason }: EventOf<'state_not_saved' | 'state_unusable' | 'decision_failed'>): string =>
  `${type}: ${reason}`;
const nothing = (): null => null;

/** The words for each event; null: it is not worth a line. */
const WORDS: { readonly [Type in FleetEvent['type']]: (event: EventOf<Type>) => string | null } = {
  phase_changed: ({ to, cause }) => (TROUBLES.has(to) ? `${to} (${String(cause)})` : null),
  restart_started: ({ intent }) => `restart, attempt ${intent.attempt}`,
  restart_finished: ({ outcome, detail }) => `restart ${outcome}${detail === null ? '' : `: ${detail}`}`,
  restart_held: ({ hold }) => `restart held by ${hold}`,
  restart_skipped: nothing,
  healed: ({ secondsToHeal }) => `HEALED by restart, ${secondsToHeal.toFixed(1)} s after it`,
  recovered: ({ downSeconds }) => `recovered without a restart after ${downSeconds.toFixed(1)} s`,
  not_healed: ({ attempt }) => `not healed by attempt ${attempt}`,
  stable: nothing,
  state_not_saved: failed,
  state_unusable: failed,
  decision_failed: failed,
  state_saved_again: () => 'its state is saved again',
  state_found: () => 'the state could be opened after all',
  storm_began: ({ sick, watched }) => `STORM: ${sick} of ${watched} are failing, restarts go one at a time`,
  storm_paced: () => 'storm: restarts help, so they continue at the limits of the account',
  storm_ended: () => 'storm: over',
  gateway_outage_began: ({ unreachable, watched }) =>
    `GATEWAY OUTAGE: ${unreachable} of ${watched} are unreachable, restarts are held`,
  gateway_outage_ended: () => 'gateway outage: over',
  restart_harmed: ({ attempt, cause }) => `HARMED by attempt ${attempt}: ${cause}`,
  cause_changed: ({ phase, cause }) => `${phase} for another reason: ${cause}`,
  answers_missing: ({ cause }) => `nothing is known of it (${cause})`,
  harmful_began: ({ harmed, account }) =>
    `RESTARTS DO HARM: ${harmed} of them, so all are held until somebody releases ${account}`,
  harmful_ended: ({ by }) => `released by ${by}`,
  blind_began: ({ blind, watched }) => `BLIND: nothing is known of ${blind} of ${watched}`,
  blind_ended: () => 'blind: over',
  refused_began: ({ refused, watched, cause }) => `ACCOUNT REFUSED: ${refused} of ${watched} (${cause})`,
  refused_ended: () => 'account refused: over',
  own_network_down: ({ reason }) => `OWN NETWORK DOWN: ${reason}`,
  own_network_up: () => 'own network: up again',
  paused: ({ by, reason }) => `paused by ${by}: ${reason}`,
  unpaused: ({ by }) => (by === null ? 'its pause is over' : `unpaused by ${by}`),
  reset: ({ by }) => `reset by ${by}`,
  config_reloaded: nothing,
  config_reload_failed: nothing,
  alert_unmatched: nothing,
  probe_finished: nothing,
};
