import type { FleetEvent } from '../../src/core/event.ts';
import { isoTime } from '../../src/core/schedule/iso-time.ts';
import type { EpochMs } from '../../src/core/time.ts';
import type { Cause } from '../../src/core/verdict.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
import { RULES, type Breach } from './rules.ts';

interface Line {
  readonly at: EpochMs;
  /** Whom it is about; null: the fleet. */
  readonly name: string | null;
  readonly words: string;
  /** How often in a row it happened. */
  times: number;
}

const KEPT = 4_000;
const SHOWN = 40;

/** What happened last, so that a breach is printed with what led to it. */
export class Transcript {
  private lines: Line[] = [];
  private readonly last = new Map<string, Line>();

  tell(at: EpochMs, words: string, name: string | null = null): void {
    const last = name === null ? undefined : this.last.get(name);
    if (last?.words === words) {
      last.times += 1;
      return;
    }
    const line = { at, name, words, times: 1 };
    this.lines.push(line);
    if (name !== null) this.last.set(name, line);
    if (this.lines.length > 2 * KEPT) this.lines = this.lines.slice(-KEPT);
  }

  changed(at: EpochMs, { name, condition }: SimulatedInstance, from: Cause): void {
    this.tell(at, `truth     ${from} -> ${condition}`, name);
  }

  answered(at: EpochMs, { name }: SimulatedInstance, cause: Cause): void {
    // A healthy answer is no news; the first one after others is shown by the event that follows from it.
    if (cause !== 'connected') this.tell(at, `answer    ${cause}`, name);
  }

  called(at: EpochMs, { name, manner }: SimulatedInstance): void {
    this.tell(at, `RESTART   reaches the gateway, which ${manner.replaceAll('_', ' ')}`, name);
  }

  ended(at: EpochMs, { name }: SimulatedInstance, outcome: string): void {
    this.tell(at, `call      ends: ${outcome}`, name);
  }

  hear(event: FleetEvent): void {
    if (event.type === 'probe_finished') return;
    const { at, type, ...rest } = event;
    const { name = null, account = '', ...fields } = rest as { name?: string; account?: string };
    const whose = name === null ? `${account} ` : '';
    this.tell(at, `watchdog  ${whose}${type} ${JSON.stringify(fields).slice(0, 200)}`, name);
  }

  /** The breach, how to bring it about again, and the last lines about the instance and the fleet. */
  of({ rule, at, simulated, words }: Breach, run: { seed: number; days: number; instances: number }): string {
    const about = this.lines.filter(({ name }) => simulated === null || name === null || name === simulated.name);
    const detail = words === '' ? '' : ` (${words})`;
    return [
      `${RULES[rule]}${detail}: ${simulated?.name ?? 'the fleet'} at ${isoTime(at)}`,
      `again: npm run sim -- --seed ${run.seed} --days ${run.days} --instances ${run.instances}`,
      ...about
        .slice(-SHOWN)
        .map(
          (line) =>
            `  ${isoTime(line.at)} ${(line.name ?? '*').padEnd(5)} ${line.words}${line.times > 1 ? ` (${line.times} times)` : ''}`,
        ),
    ].join('\n');
  }
}
