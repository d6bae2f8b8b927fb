import type { Verdict } from '../core/verdict.ts';
import type { InitWords } from './init-words.ts';
import type { ShownPhase } from './words.ts';

/** What commands print beside the words of the core. Counts come as text, in the format of the language. */
export interface CliWords {
  readonly init: InitWords;
  /** Heads of the columns of tables. */
  readonly columns: {
    readonly name: string;
    readonly displayName: string;
    readonly account: string;
    readonly phoneNumberId: string;
    readonly labels: string;
    readonly probed: string;
    readonly downAfter: string;
    readonly restarted: string;
    readonly phase: string;
    readonly since: string;
    readonly cause: string;
    readonly took: string;
    readonly verdict: string;
    readonly detail: string;
    readonly attempt: string;
    readonly next: string;
    readonly receiver: string;
    readonly result: string;
  };
  /** As cells of tables; in English they are the words of the core, which options take as well. */
  readonly phases: Readonly<Record<ShownPhase, string>>;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  readonly check: {
    readonly every: (duration: string) => string;
    readonly failures: (count: string) => string;
    readonly automatic: (cooldown: string, restarts: string, per: string) => string;
    readonly onRequest: string;
    readonly planned: (cron: string) => string;
    readonly never: string;
    readonly disabled: string;
    readonly good: (file: string) => string;
    readonly summary: (instances: string, accounts: string) => string;
    readonly disabledCount: (count: string) => string;
    /** What the gateway of an account lists is watched as well. */
    readonly discovers: (account: string, match: string, every: string) => string;
    readonly listens: (address: string) => string;
    readonly stateIn: (place: string) => string;
    readonly pleaseLook: string;
  };
  readonly more: (count: string) => string;
  readonly probed: (done: string, of: string) => string;
  readonly healthyOf: (healthy: string, of: string) => string;
  readonly status: {
    readonly total: (instances: string, counts: string, version: string) => string;
    readonly none: string;
    readonly moreSeeAll: (count: string) => string;
    readonly ownNetworkDown: string;
    readonly gatewayOutage: (account: string) => string;
    readonly harmful: (account: string) => string;
    readonly blind: (account: string) => string;
    readonly silent: (account: string) => string;
    readonly refused: (account: string, cause: string, remedy: string) => string;
    readonly storm: (account: string) => string;
    readonly notReloaded: string;
    readonly waitingForRestart: (keys: string) => string;
    readonly notDurable: (reason: string) => string;
    readonly inMemory: string;
    readonly unsaved: (count: string) => string;
    readonly dryRun: string;
    readonly maintenance: (name: string) => string;
    readonly nothingKnown: (since: string) => string;
    readonly noSignOfLife: (since: string) => string;
    readonly until: (holds: string, time: string) => string;
    readonly paused: (reason: string) => string;
    readonly acknowledged: (by: string) => string;
  };
  readonly report: {
    readonly nothing: string;
    readonly columns: Readonly<
      Record<
        'name' | 'month' | 'availability' | 'failing' | 'needsHuman' | 'unknown' | 'paused' | 'restarts' | 'timeToHeal',
        string
      >
    >;
  };
  readonly operate: {
    readonly released: (account: string, count: string) => string;
    readonly paused: (name: string) => string;
    readonly pausedUntil: (name: string, time: string) => string;
    readonly resumed: (name: string) => string;
    readonly reset: (name: string) => string;
    readonly acknowledged: (name: string, until: string | null) => string;
    readonly noReason: string;
    readonly notRestarted: (name: string, why: string) => string;
    readonly heldBy: (holds: string) => string;
    readonly holdUntil: (hold: string, time: string) => string;
    readonly forceRestarts: string;
    readonly noAnswer: string;
    readonly reloaded: (added: string, removed: string, changed: string) => string;
    readonly waitingForRestart: (keys: string) => string;
    readonly sent: string;
    readonly noReceivers: string;
  };
}
