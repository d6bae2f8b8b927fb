import type { InstanceConfig } from '../config/config.ts';
import { closestWord } from '../config/syntax/spelling.ts';
import { UsageError } from './terminal.ts';

/**
 * The instances with these names, in that order; without names all that are enabled.
 *
 * @throws UsageError naming every name that is not configured
 */
export function chooseInstances(
  instances: readonly InstanceConfig[],
  names: readonly string[],
): readonly InstanceConfig[] {
  if (names.length === 0) return instances.filter(({ enabled }) => enabled);
  const byName = new Map(instances.map((instance) => [instance.name, instance]));
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length > 0) throw new UsageError(unknown.map((name) => unknownName(name, [...byName.keys()])).join('\n'));
  return names.flatMap((name) => byName.get(name) ?? []);
}

function unknownName(name: string, known: readonly string[]): string {
  const close = closestWord(name, known);
  const remedy = close === null ? 'see `smileapi-watchdog check` for all of them' : `did you mean ${close}?`;
  return `there is no instance ${JSON.stringify(name)}: ${remedy}`;
}
