import type { DurationMs } from './time.ts';

/** What a replica owns of the accounts that it shares with others. */
export interface Shares {
  readonly owned: readonly string[];
  /** How many replicas live, this one included. */
  readonly replicas: number;
  /** How long the first of the owned accounts stays its own, at least, by this process's clock; null: it owns none. */
  readonly leftFor: DurationMs | null;
  /** How many accounts it took over from replicas that were no longer heard of. */
  readonly takeovers: number;
}

/** The names of replicas with the same config, for each config; an older version does not say which it has. */
export function configGroups(
  replicas: readonly { readonly replica: string; readonly config?: string | undefined }[],
): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const { replica, config } of replicas)
    if (config !== undefined) groups.set(config, [...(groups.get(config) ?? []), replica]);
  return [...groups.values()];
}
