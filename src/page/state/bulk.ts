import type { Row } from './fleet-rows.ts';
import { ApiProblem, type ApiClient } from './api-client.ts';
import { refusalOf, type ActionResult } from './actions.ts';
import type { FleetState } from './fleet-state.ts';
import type { Speech } from '../speech/speech.ts';

/** What can be done with many instances at once. */
export const BULK_ACTIONS = ['pause', 'resume', 'restart'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** Calls at once: the watchdog holds restarts by itself, and the rest is quick. */
const AT_ONCE = 4;

/** What an action would do with each of some instances. */
export interface BulkPlan {
  /** Names of those that it is sent to. */
  readonly names: readonly string[];
  /** Those that it makes no sense for, by the reason. */
  readonly left: ReadonlyMap<string, number>;
}

/** Which of the instances an action is for, and why the others are left out. Nothing is forced. */
export function planBulk(action: BulkAction, rows: readonly Row[], speech: Speech): BulkPlan {
  const names: string[] = [];
  const left = new Map<string, number>();
  for (const row of rows) {
    const reason = reasonAgainst(action, row, speech);
    if (reason === null) names.push(row.view.name);
    else left.set(reason, (left.get(reason) ?? 0) + 1);
  }
  return { names, left };
}

function reasonAgainst(
  action: BulkAction,
  { view, phase }: Row,
  { words: { holds }, page: { bulk } }: Speech,
): string | null {
  if (phase === 'disabled') return bulk.disabled;
  if (action === 'pause') return view.pause === null ? null : bulk.pausedAlready;
  if (action === 'resume') return view.pause === null ? bulk.notPaused : null;
  if (phase === 'needs_human') return bulk.cannotCure;
  if (phase === 'restarting' || phase === 'recovering') return bulk.justRestarted;
  if (view.pause !== null) return holds.paused;
  const [hold] = view.restart.holds;
  if (hold !== undefined) return holds[hold];
  return view.restart.cooldownUntil === null ? null : holds.cooldown;
}

/** How it went. */
export interface BulkResult {
  readonly done: number;
  /** Refused and failed ones, by the reason. */
  readonly refused: ReadonlyMap<string, number>;
}

/**
 * Does it with each, a few at a time.
 *
 * @param onProgress hears how many have been answered
 */
export async function runBulk(
  action: BulkAction,
  names: readonly string[],
  body: object,
  { api, state }: { readonly api: ApiClient; readonly state: FleetState },
  onProgress: (answered: number) => void,
): Promise<BulkResult> {
  const refused = new Map<string, number>();
  let [next, answered, done] = [0, 0, 0];
  const work = async (): Promise<void> => {
    for (let name = names[next++]; name !== undefined; name = names[next++]) {
      try {
        const { instance } = await api.post<ActionResult>(
          `api/v1/instances/${encodeURIComponent(name)}/${action}`,
          body,
        );
        if (instance !== undefined) state.know(instance);
        done += 1;
      } catch (error) {
        const reason = reasonOf(error, state.speech);
        refused.set(reason, (refused.get(reason) ?? 0) + 1);
      }
      answered += 1;
      onProgress(answered);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, refused };
}

function reasonOf(error: unknown, speech: Speech): string {
  if (!(error instanceof ApiProblem)) return speech.page.bulk.noConnection;
  const [held] = error.held;
  return held === undefined ? refusalOf('restart', error, 0, speech).text : speech.words.holds[held.hold];
}
