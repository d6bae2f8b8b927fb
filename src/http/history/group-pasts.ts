import { MINUTE, type DurationMs, type EpochMs } from '../../core/time.ts';
import { pastOfGroup, type Group } from '../../history/group-history.ts';
import type { Past } from '../../history/instance-history.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import { sleep } from '../../time/clock.ts';
import type { HttpParts } from '../http-parts.ts';

/** A group is summed up again after this time; badges and public pages are requested by many. */
const KEPT: DurationMs = MINUTE;
/** Most groups that are kept; others are summed up for each request. */
const MOST_KEPT = 1_000;

/** The pasts of groups, each summed up at most once a minute, however many request it. */
export class GroupPasts {
  private readonly parts: Pick<HttpParts, 'clock' | 'history'>;
  private readonly kept = new Map<string, { readonly at: EpochMs; readonly past: Promise<Past> }>();

  constructor(parts: Pick<HttpParts, 'clock' | 'history'>) {
    this.parts = parts;
  }

  /** @param key names the group; the same key must mean the same instances */
  of(key: string, group: Group): Promise<Past> {
    const { clock, history } = this.parts;
    const now = clock.now();
    const known = this.kept.get(key);
    if (known !== undefined && now - known.at < KEPT) return known.past;
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    const read = (instances: readonly Instance[]) => history.of(instances);
    const past = pastOfGroup(group, read, () => sleep(clock, 0));
    this.kept.set(key, { at: now, past });
    // Another request may succeed, and soon after the start there is more to say than nothing.
    const forget = (): void => void this.kept.delete(key);
    past.then(({ until }) => (until === 0 ? forget() : undefined), forget);
    return past;
  }
}
