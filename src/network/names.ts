import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { DAY, SECOND, type DurationMs, type EpochMs } from '../core/time.ts';
import type { Clock } from '../time/clock.ts';
import { LookupQueue } from './lookup-queue.ts';

/** How old an answer may be for a usual connection, and for one whose evidence leads to a restart. */
export const USUAL_AGE: DurationMs = 5 * SECOND;
export const FRESH_AGE: DurationMs = 1 * SECOND;

/** Longest wait for name servers. The lookup itself cannot be given up: glibc tries for 10 s and more. */
const LONGEST_WAIT: DurationMs = 5 * SECOND;
/** Then addresses that were right before are used again (RFC 8767 section 5 proposes this wait). */
const STALE_WAIT: DurationMs = 1_800;
/** Until then they can be (RFC 8767 section 5: one to three days). */
const LONGEST_STALE: DurationMs = DAY;
/** A lookup that takes longer, or fails in a way that may pass, is kept from the last free thread the next time. */
const SLOW: DurationMs = 1 * SECOND;
/** More names than a config has; the oldest go first. */
const MOST_NAMES = 10_000;

/** Looks a name up in the way of the operating system: hosts file, search domains, name servers. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

export interface NamesParts {
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** How many lookups may run at the same time, at least 1. */
  readonly slots: number;
}

/** What is known of a name. */
interface Known {
  addresses: readonly LookupAddress[] | null;
  /** When the lookup began that gave `addresses`. */
  learntAt: EpochMs;
  /** The last lookup failed with this. */
  error: unknown;
  /** When the last lookup that has ended began. */
  lookedUpAt: EpochMs;
  isDoubtful: boolean;
  flight: Promise<readonly LookupAddress[]> | null;
  /** The family of the address that was connected to last. */
  family: number;
}

/**
 * The addresses of host names, for all connections of the process. Lookups are shared per name and remembered for
 * seconds. While name servers do not answer, the last known addresses are used (RFC 8767), and names with servers that
 * answer are looked up all the same.
 */
export class Names {
  private readonly parts: NamesParts;
  private readonly queue: LookupQueue;
  private readonly known = new Map<string, Known>();

  constructor(parts: NamesParts) {
    this.parts = parts;
    this.queue = new LookupQueue(parts.slots);
  }

  /**
   * The addresses of `name`, those of the family that was connected to last first.
   *
   * @param maxAge an answer this old will do
   * @throws the error of the lookup, or one with the code `EAI_AGAIN` when no name server answers within 5 s
   */
  async addresses(name: string, maxAge: DurationMs): Promise<readonly LookupAddress[]> {
    const known = this.entry(name);
    const hasRecent = this.parts.clock.now() - known.lookedUpAt <= maxAge;
    if (!hasRecent) return ordered(await this.ask(name, known), known.family);
    const usable = this.usable(known);
    if (usable === null) throw known.error;
    return ordered(usable, known.family);
  }

  /** `net.connect`, `tls.connect` and undici's connectors take this for their `lookup`. */
  readonly lookup: LookupFunction = (name, { all }, callback) => {
    this.addresses(name, USUAL_AGE).then(
      (addresses) => {
        const [first] = addresses;
        if (all === true) callback(null, [...addresses]);
        else if (first !== undefined) callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('lookup failed'), []),
    );
  };

  /** A connection to an address of this family (4 or 6) was made: such addresses are tried first from now on. */
  connected(name: string, family: number): void {
    const known = this.known.get(name);
    if (known !== undefined) known.family = family;
  }

  private entry(name: string): Known {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    for (const [oldest, { flight }] of this.known) {
      if (this.known.size < MOST_NAMES) break;
      if (flight === null) this.known.delete(oldest);
    }
    const never = Number.NEGATIVE_INFINITY;
    const fresh: Known = {
      ...{ addresses: null, learntAt: never, error: null, lookedUpAt: never },
      ...{ isDoubtful: false, flight: null, family: 0 },
    };
    this.known.set(name, fresh);
    return fresh;
  }

  /** The last addresses while the last lookup was answered, or failed only because nobody answers. */
  private usable(known: Known): readonly LookupAddress[] | null {
    if (known.error !== null && !mayPass(known.error)) return null;
    return this.parts.clock.now() - known.learntAt <= LONGEST_STALE ? known.addresses : null;
  }

  /** Waits for the lookup that is under way, or for a new one; not for ever. */
  private ask(name: string, known: Known): Promise<readonly LookupAddress[]> {
    const { clock } = this.parts;
    known.flight ??= this.look(name, known);
    const stale = this.usable(known);
    return new Promise((resolve, reject) => {
      const cancel = clock.after(stale === null ? LONGEST_WAIT : STALE_WAIT, () => {
        if (stale === null) reject(noAnswer());
        else resolve(stale);
      });
      known.flight
        ?.then(resolve, (error: unknown) => {
          const usable = this.usable(known);
          if (usable === null) reject(error instanceof Error ? error : noAnswer());
          else resolve(usable);
        })
        .finally(cancel);
    });
  }

  private async look(name: string, known: Known): Promise<readonly LookupAddress[]> {
    const { clock, resolve } = this.parts;
    let startedAt = clock.now();
    try {
      const addresses = await this.queue.run(() => {
        startedAt = clock.now();
        return resolve(name);
      }, known.isDoubtful);
      known.addresses = addresses;
      known.learntAt = startedAt;
      known.error = null;
      return addresses;
    } catch (error) {
      known.error = error;
      throw error;
    } finally {
      known.lookedUpAt = startedAt;
      known.isDoubtful = clock.now() - startedAt > SLOW || (known.error !== null && mayPass(known.error));
      known.flight = null;
    }
  }
}

/** Whether the lookup failed because nobody answered, and not because there is no such name. */
function mayPass(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('EAI_');
}

function noAnswer(): Error {
  return Object.assign(new Error('no name server answers'), { code: 'EAI_AGAIN' });
}

/** Node.js tries the families in turn, beginning with that of the first address. */
function ordered(addresses: readonly LookupAddress[], family: number): readonly LookupAddress[] {
  if (addresses[0] === undefined || family === 0 || addresses[0].family === family) return addresses;
  return [...addresses.filter((each) => each.family === family), ...addresses.filter((each) => each.family !== family)];
}
