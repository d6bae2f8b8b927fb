import type { Phase } from '../../core/instance/instance.ts';
import type { InstanceView } from '../../http/views/schemas.ts';
import { translateRemedy } from '../../language/catalogue.ts';
import { SHOWN_PHASES, type ShownPhase } from '../../language/words.ts';
import { namingColumns, type Speech } from '../speech.ts';
import { renderTable, UsageError, withinColumns, type Terminal } from '../terminal.ts';

const COLOURS: Readonly<Record<ShownPhase, 'red' | 'magenta' | 'cyan' | 'yellow' | 'green' | 'dim'>> = {
  exhausted: 'red',
  needs_human: 'red',
  down: 'red',
  restarting: 'magenta',
  recovering: 'cyan',
  suspect: 'yellow',
  unknown: 'dim',
  healthy: 'green',
  disabled: 'dim',
};

/** Which instances a person wants to see. */
export interface FleetFilter {
  readonly phase?: string;
  readonly account?: string;
  /** `key=value`, or a key that must be there. */
  readonly label?: string;
}

function shownPhase({ enabled, phase }: InstanceView): ShownPhase {
  return enabled ? phase : 'disabled';
}

/** Those that are wanted, the sick ones first, in the order of the config otherwise. @throws UsageError for an unknown phase */
export function chosenInstances(
  instances: readonly InstanceView[],
  filter: FleetFilter,
  { cli }: Speech,
): readonly InstanceView[] {
  const wanted = filter.phase === undefined ? null : phaseNamed(filter.phase, cli.phases);
  const found = instancesOf(instances, filter).filter(
    (instance) =>
      wanted === null || shownPhase(instance) === wanted || (wanted === 'paused' && instance.pause !== null),
  );
  const need = (instance: InstanceView): number => {
    const isSilent = shownPhase(instance) === 'healthy' && instance.activity.silentSince !== null;
    // What is silent needs a look before all that is well.
    return SHOWN_PHASES.indexOf(shownPhase(instance)) - (isSilent ? 0.5 : 0);
  };
  return found.toSorted((one, other) => need(one) - need(other));
}

/** Those of this account and with this label, as far as they are given. */
export function instancesOf(
  instances: readonly InstanceView[],
  { account, label }: Pick<FleetFilter, 'account' | 'label'>,
): readonly InstanceView[] {
  const [key = '', value] = label?.split(/=(.*)/s) ?? [];
  return instances.filter(
    ({ account: own, labels }) =>
      (account === undefined || own === account) &&
      (label === undefined || (value === undefined ? Object.hasOwn(labels, key) : labels[key] === value)),
  );
}

/** A phase by its word, or by that of the language. */
function phaseNamed(word: string, phases: Readonly<Record<ShownPhase, string>>): ShownPhase | 'paused' {
  const found = SHOWN_PHASES.find((phase) => phase === word || phases[phase] === word.toLowerCase());
  if (found !== undefined) return found;
  if (word === 'paused') return word;
  throw new UsageError(`there is no phase ${JSON.stringify(word)}: write one of ${SHOWN_PHASES.join(', ')} or paused`);
}

/** A table of instances, coloured by phase; what is wider than the terminal is cut. */
export function fleetTable(
  instances: readonly InstanceView[],
  { paint, size }: Terminal,
  speech: Speech,
  now: number,
): string {
  const { cli, formats, count } = speech;
  if (instances.length === 0) return `${cli.noneMatches}\n`;
  const { name, account, phase, since, cause, attempt, next } = cli.columns;
  const naming = namingColumns(instances, speech);
  const width = size()?.columns ?? null;
  const rows = instances.map((instance) => [
    instance.name,
    ...naming.map(({ cell }) => cell(instance)),
    instance.account,
    cli.phases[shownPhase(instance)],
    formats.shortTime(Date.parse(instance.since), now),
    instance.lastProbe?.cause ?? '',
    count(instance.restart.attempt),
    heldBy(instance, speech, now),
  ]);
  const head = [name, ...naming.map((column) => column.head), account, phase, since, cause, attempt, next];
  return renderTable(head, rows)
    .split('\n')
    .map((line, index) => {
      const instance = instances[index - 1];
      const shown = width === null ? line : withinColumns(line, width);
      return instance === undefined ? shown : paint[COLOURS[shownPhase(instance)]](shown);
    })
    .join('\n');
}

/** What holds the restart that is due, and until when; that somebody paused it or knows of it; that nothing is known. */
function heldBy(instance: InstanceView, { cli, words, formats }: Speech, now: number): string {
  const { restart, pause, acknowledged, blindSince, activity } = instance;
  const time = (iso: string): string => formats.shortTime(Date.parse(iso), now);
  const ends: Partial<Record<string, string | null>> = {
    cooldown: restart.cooldownUntil,
    budget: restart.budget.freesAt,
  };
  const holds = restart.holds
    .filter((hold) => hold !== 'paused' || pause === null)
    .map((hold) => {
      const end = ends[hold] ?? null;
      return end === null ? words.holds[hold] : cli.status.until(words.holds[hold], time(end));
    });
  const pausedUntil = pause?.until ?? null;
  const paused = pause === null ? null : cli.status.paused(pause.reason);
  return [
    ...holds,
    paused === null || pausedUntil === null ? paused : cli.status.until(paused, time(pausedUntil)),
    acknowledged === null ? null : cli.status.acknowledged(acknowledged.by),
    blindSince === null ? null : cli.status.nothingKnown(time(blindSince)),
    activity.silentSince === null ? null : cli.status.noSignOfLife(time(activity.silentSince)),
  ]
    .filter((text) => text !== null)
    .join('; ');
}

/** What a person can do, once for all that have the same trouble: `5 × pairing_required: scan …`. */
export function whatToDo(instances: readonly InstanceView[], speech: Speech): readonly string[] {
  const counts = new Map<string, { readonly cause: string; readonly many: number }>();
  const isSick = (phase: Phase): boolean => phase !== 'healthy' && phase !== 'recovering' && phase !== 'restarting';
  for (const { remedy, lastProbe, enabled, phase, activity } of instances) {
    const isSilent = phase === 'healthy' && activity.silentSince !== null;
    if (remedy === null || !enabled || !(isSick(phase) || isSilent)) continue;
    const many = (counts.get(remedy)?.many ?? 0) + 1;
    counts.set(remedy, { cause: lastProbe?.cause ?? '', many });
  }
  return [...counts]
    .toSorted(([, one], [, other]) => other.many - one.many)
    .map(([remedy, { cause, many }]) => `${speech.count(many)} × ${cause}: ${translateRemedy(speech, remedy)}`);
}
