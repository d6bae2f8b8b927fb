import type { Problem } from '../../core/problem.ts';
import { formatDuration } from '../../core/schedule/duration.ts';
import { MINUTE, SECOND } from '../../core/time.ts';
import { policyMistakes } from './policy-checks.ts';
import type { ConfigPath } from '../problems.ts';
import { policyFindings, policyLevels } from './policy-levels.ts';
import type { KnownGateway } from '../gateways/built-in.ts';
import type { PolicyResolver } from '../resolve-policy.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import { isName } from '../values/scalars.ts';
import { idPath, type InstanceEntry, type Sources } from '../read/sources.ts';
import { quoted } from '../syntax/quoted.ts';
import { knownRemedy } from '../syntax/spelling.ts';

/** What is wrong between parts of the configuration that are each right on their own. */
export function crossCheck(
  sources: Sources,
  policies: PolicyResolver,
  gateways: ReadonlyMap<string, KnownGateway>,
): Problem[] {
  return [
    ...duplicateAccounts(sources),
    ...sources.instances.flatMap((instance) => [...unknownAccount(sources, instance), ...unfitName(instance)]),
    ...duplicateInstances(sources),
    ...maintenanceProblems(sources),
    ...notifyProblems(sources),
    ...connectivityProblems(sources),
    ...clusterProblems(sources),
    ...escalationProblems(sources),
    ...(sources.main.broken.has('defaults')
      ? []
      : policyFindings(policyLevels(sources, gateways), policies, policyMistakes)),
  ];
}

/** The name of an instance that has none of its own is its phoneNumberId. */
export function nameOf({ input }: InstanceEntry): string {
  return input.name ?? input.phoneNumberId;
}

function duplicateAccounts({ accounts }: Sources): Problem[] {
  return duplicates(accounts, ({ name }) => name).map(([entry, first]) =>
    entry.source.problemAt(entry.path, `the same account is also at ${placeOf(first)}`, 'Keep one of them.'),
  );
}

function unknownAccount({ accountNames }: Sources, { source, path, input }: InstanceEntry): Problem[] {
  const place = [...path, 'account'];
  if (accountNames === null || accountNames.has(input.account) || source.isUnresolved(place)) return [];
  return [notThere(source, place, 'account', input.account, accountNames, 'Add it under "accounts".')];
}

function unfitName(entry: InstanceEntry): Problem[] {
  const { source, path, input, wrong } = entry;
  if (input.name !== undefined || wrong?.has('name') === true || isName(input.phoneNumberId)) return [];
  if (source.isUnresolved(idPath(entry))) return [];
  const message = `the phoneNumberId ${quoted(input.phoneNumberId) ?? 'here'} cannot be used as the name`;
  const remedy = 'Give the instance a "name" of 1 to 63 letters, digits, ".", "_" or "-".';
  return [source.problemAt(path, message, remedy)];
}

function duplicateInstances({ instances }: Sources): Problem[] {
  const identity = ({ input }: InstanceEntry): string => JSON.stringify([input.account, input.phoneNumberId]);
  const numbers = duplicates(instances, identity).map(([entry, first]) => {
    const message = `the instance at ${placeOf(first)} has the same account and phoneNumberId`;
    return entry.source.problemAt(idPath(entry), message, 'Keep one of them.');
  });
  const named = instances.filter(({ wrong }) => wrong?.has('name') !== true);
  const names = duplicates(named, nameOf)
    .filter(([entry, first]) => identity(entry) !== identity(first))
    .map(([entry, first]) => {
      const place = entry.input.name === undefined ? idPath(entry) : [...entry.path, 'name'];
      const message = `the instance at ${placeOf(first)} has the same name ${quoted(nameOf(entry)) ?? 'as this one'}`;
      return entry.source.problemAt(place, message, 'Give one of them another "name".');
    });
  return [...numbers, ...names];
}

/** Every entry whose key an earlier one has, with the first of that key. */
export function duplicates<T>(entries: readonly T[], keyOf: (entry: T) => string): [entry: T, first: T][] {
  const firsts = new Map<string, T>();
  const found: [T, T][] = [];
  for (const entry of entries) {
    const key = keyOf(entry);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, entry);
    else found.push([entry, first]);
  }
  return found;
}

export function placeOf({ source, path }: { readonly source: SourceFile; readonly path: ConfigPath }): string {
  const { file, line } = source.problemAt(path, '', '');
  return `${file}:${line ?? 1}`;
}

/** That nothing is called so; as written, because a variable may hold what must not be shown. */
export function notThere(
  source: SourceFile,
  path: ConfigPath,
  what: string,
  name: string,
  known: Iterable<string>,
  otherwise: string,
): Problem {
  const shown = quoted(source.written(path) ?? name) ?? 'by this name';
  return source.problemAt(path, `there is no ${what} ${shown}`, knownRemedy(name, [...known], otherwise));
}

function maintenanceProblems({ main, accountNames, instances, hasAllInstances }: Sources): Problem[] {
  const { source, input, positionOf } = main;
  const instanceNames = hasAllInstances ? new Set(instances.map(nameOf)) : null;
  const missing = input.maintenance.flatMap((window, index) => {
    const path = ['maintenance', positionOf('maintenance', index)];
    return [
      ...unknownNames(source, [...path, 'accounts'], window.accounts, accountNames, 'account'),
      ...unknownNames(source, [...path, 'instances'], window.instances, instanceNames, 'instance called'),
    ];
  });
  return [...missing, ...sameNames(main, 'maintenance', input.maintenance, 'window')];
}

function notifyProblems({ main, accountNames }: Sources): Problem[] {
  const { source, input, positionOf } = main;
  const missing = input.notify.flatMap(({ accounts }, index) =>
    unknownNames(source, ['notify', positionOf('notify', index), 'accounts'], accounts, accountNames, 'account'),
  );
  return [...missing, ...sameNames(main, 'notify', input.notify, 'receiver')];
}

/** A receiver that is asked for help must be there. */
function escalationProblems({ main, accounts, instances }: Sources): Problem[] {
  if (main.broken.has('notify') || [...main.broken].some((part) => part.startsWith('notify.'))) return [];
  const receivers = new Set(main.input.notify.map(({ name }) => name));
  const levels = [{ source: main.source, path: ['defaults'] as ConfigPath, input: main.input.defaults }, ...accounts];
  return [...levels, ...instances].flatMap(({ source, path, input: { restart } }) => {
    const name = restart.escalate?.notify;
    if (name === undefined || receivers.has(name)) return [];
    const at = [...path, 'restart', 'escalate', 'notify'];
    return [notThere(source, at, 'receiver', name, receivers, 'Add it under "notify".')];
  });
}

function sameNames(
  { source, positionOf }: Sources['main'],
  section: string,
  list: readonly { name: string }[],
  what: string,
): Problem[] {
  const entries = list.map(({ name }, index) => ({ source, path: [section, positionOf(section, index)], name }));
  return duplicates(entries, ({ name }) => name).map(([{ path }, first]) =>
    source.problemAt([...path, 'name'], `the ${what} at ${placeOf(first)} has the same name`, 'Rename one of them.'),
  );
}

function unknownNames(
  source: SourceFile,
  path: ConfigPath,
  names: readonly string[],
  known: ReadonlySet<string> | null,
  what: string,
): Problem[] {
  if (known === null) return [];
  return names.flatMap((name, index) =>
    known.has(name) ? [] : [notThere(source, [...path, index], what, name, known, 'Correct the name, or remove it.')],
  );
}

function connectivityProblems({ main: { source, input } }: Sources): Problem[] {
  const { targets, quorum, every, timeout } = input.connectivity;
  const problems: Problem[] = [];
  if (timeout > every) {
    const message = `timeout (${formatDuration(timeout)}) is longer than every (${formatDuration(every)})`;
    problems.push(source.problemAt(['connectivity', 'timeout'], message, 'Shorten timeout or lengthen every.'));
  }
  if (targets.length > 0 && quorum > targets.length) {
    const message = `quorum (${quorum}) is larger than the number of targets (${targets.length})`;
    problems.push(source.problemAt(['connectivity', 'quorum'], message, 'Lower quorum, or name more targets.'));
  }
  return problems;
}

/** Renewals every third of it need time to arrive; and while it lasts, nobody takes over from a process that died. */
const SHORTEST_LEASE = 3 * SECOND;
const LONGEST_LEASE = 10 * MINUTE;

function clusterProblems({ main: { source, input } }: Sources): Problem[] {
  const { leaseFor } = input.cluster;
  if (leaseFor >= SHORTEST_LEASE && leaseFor <= LONGEST_LEASE) return [];
  const message = `leaseFor (${formatDuration(leaseFor)}) is not between 3s and 10m`;
  return [source.problemAt(['cluster', 'leaseFor'], message, 'Write for example 15s.')];
}
