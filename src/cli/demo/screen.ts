import { createLogUpdate } from 'log-update';
import type { FleetEvent } from '../../core/event.ts';
import type { Phase } from '../../core/instance/instance.ts';
import { SECOND, type EpochMs } from '../../core/time.ts';
import type { Daemon } from '../../daemon.ts';
import type { Cancel } from '../../time/clock.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { shortened } from '../../redaction/clean-text.ts';
import { DEMO_FLEET } from '../../simulator/fleet-script.ts';
import type { Simulator } from '../../simulator/smileapi-server.ts';
import { lineOf, type OwnRemedies } from '../../telemetry/log/event-line.ts';
import { eventWords } from '../daemon/event-words.ts';
import type { Speech } from '../speech.ts';
import { renderTable, type Paint, type Terminal } from '../terminal.ts';

const FRAME = 250;
/** With the table of the fleet and the line of progress they fit a screen of 80 × 24. */
const LAST_LINES = 5;
const USUAL_WIDTH = 80;

const COLOURS: Readonly<Record<Phase, 'dim' | 'green' | 'yellow' | 'red' | 'magenta' | 'cyan' | 'bgRed' | 'bgYellow'>> =
  {
    unknown: 'dim',
    healthy: 'green',
    suspect: 'yellow',
    down: 'red',
    restarting: 'magenta',
    recovering: 'cyan',
    exhausted: 'bgRed',
    needs_human: 'bgYellow',
  };

/** The token of the demo's gateway and API; no secret. */
export const DEMO_TOKEN = 'demo-token-of-this-machine';

export interface DemoScreenParts {
  readonly daemon: Daemon;
  readonly simulator: Pick<Simulator, 'url'>;
  readonly terminal: Terminal;
  readonly speech: Speech;
  /** What the simulator plays. */
  readonly gateway: string;
}

/** A live table on a terminal; elsewhere a line for each event. */
export class DemoScreen {
  private readonly parts: DemoScreenParts;
  private readonly startedAt: EpochMs;
  private readonly lines: string[] = [];
  /** Instances whose story has begun. */
  private readonly begun = new Set<string>();
  private readonly draw = createLogUpdate(process.stdout);
  private cancelTimer: Cancel | null = null;
  private isOpen = false;

  constructor(parts: DemoScreenParts) {
    this.parts = parts;
    this.startedAt = parts.terminal.clock.now();
  }

  open(): void {
    this.isOpen = true;
    const { daemon, simulator, terminal, speech, gateway } = this.parts;
    terminal.write(`${speech.cli.demo.intro(gateway, simulator.url, daemon.url, DEMO_TOKEN)}\n\n`);
    if (terminal.interactive) this.frame();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.cancelTimer?.();
    if (this.parts.terminal.interactive) {
      this.draw(this.picture());
      this.draw.done();
    }
  }

  /** Shows what happened, where it is worth a line here. */
  show(event: FleetEvent): void {
    const { daemon, speech } = this.parts;
    const { accounts } = daemon.watchdog.fleet;
    const line = demoLine(event, (account, cause) => accounts.get(account)?.remedyTexts?.[cause], speech);
    if (line !== null) this.print('name' in event ? event.name : '', line);
  }

  /** Something happens to an instance, as the script has it. */
  storyBegins(name: string, fate: string): void {
    this.begun.add(name);
    const { script, story } = this.parts.speech.cli.demo;
    this.print(name, script(story(name, fate)));
  }

  print(name: string, words: string): void {
    const { clock, interactive, write } = this.parts.terminal;
    const seconds = Math.round((clock.now() - this.startedAt) / SECOND);
    const line = `${String(seconds).padStart(3)} s  ${name.padEnd(10)} ${words}`;
    this.lines.push(line);
    if (this.lines.length > LAST_LINES) this.lines.shift();
    if (!interactive) write(`${line}\n`);
  }

  private frame(): void {
    this.draw(this.picture());
    this.cancelTimer = this.parts.terminal.clock.after(FRAME, () => this.frame());
  }

  private picture(): string {
    const { daemon, terminal, speech } = this.parts;
    const { clock, paint, size } = terminal;
    const now = clock.now();
    const rows = [...daemon.watchdog.fleet.instances.values()].map((instance) => rowOf(instance, now, speech));
    const width = (size()?.columns ?? USUAL_WIDTH) - 1;
    const lines = this.lines.map((line) => paint.dim(shortened(line, width)));
    return `${fleetTable(rows, paint, width, speech)}${this.progress(now)}\n${lines.join('\n')}`;
  }

  /** How far the script is. */
  private progress(now: EpochMs): string {
    const all = DEMO_FLEET.filter(({ changes }) => changes.length > 0).length;
    const bar = '█'.repeat(this.begun.size) + '░'.repeat(all - this.begun.size);
    const { cli, count } = this.parts.speech;
    const seconds = count(Math.round((now - this.startedAt) / SECOND));
    return `${bar} ${cli.demo.progress(count(this.begun.size), count(all), seconds)}`;
  }
}

function fleetTable(
  rows: readonly (readonly [Phase, readonly string[]])[],
  paint: Paint,
  width: number,
  { cli: { columns, demo, phases } }: Speech,
): string {
  const lines = renderTable(
    [columns.name, columns.phase, demo.columns.lasts, columns.cause, demo.columns.restarts, columns.next],
    rows.map(([, cells]) => cells),
  ).split('\n');
  // Colours come last, or they would count as width.
  return lines
    .map((whole, index) => {
      const line = shortened(whole, width);
      const phase = rows[index - 1]?.[0];
      return phase === undefined ? line : line.replace(phases[phase], paint[COLOURS[phase]](phases[phase]));
    })
    .join('\n');
}

function rowOf(
  { name, state, lastProbe }: Instance,
  now: EpochMs,
  { cli, count }: Speech,
): readonly [Phase, readonly string[]] {
  const seconds = `${Math.floor((now - state.since) / SECOND)} s`;
  const cause = lastProbe?.cause ?? '';
  const phase = cli.phases[state.phase];
  return [state.phase, [name, phase, seconds, cause, count(state.history.length), state.holds.join(', ')]];
}

/** What the log says of an event, or the same in the language of the demo; null: it is not worth a line. */
export function demoLine(event: FleetEvent, ownRemedies: OwnRemedies, speech: Speech): string | null {
  const { level, msg, fields } = lineOf(event, ownRemedies);
  const isNews = event.type === 'phase_changed' ? TROUBLES.has(event.to) : level !== 'debug';
  if (!isNews || LEFT_OUT.has(event.type)) return null;
  return eventWords({ ...fields, type: event.type, message: msg }, speech);
}

const TROUBLES: ReadonlySet<Phase> = new Set<Phase>(['down', 'exhausted', 'needs_human', 'suspect']);

/** Events that say nothing to those who watch a demo. */
const LEFT_OUT: ReadonlySet<FleetEvent['type']> = new Set<FleetEvent['type']>(['restart_skipped', 'stable']);
