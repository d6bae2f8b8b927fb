import { formatProblems } from './config/problems.ts';
import type { ReloadOutcome, ReloadProblem } from './http/http-parts.ts';

/** Who wanted the config to be read again. */
export type ReloadReason = 'signal' | 'api' | 'files';

/** A line of the log. */
export interface ReloadLine {
  readonly level: 'info' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly msg: string;
}

/** More problems than this are only counted. */
const MOST_PROBLEMS = 20;

/** What the log says about a reload. */
export function reloadLine(outcome: ReloadOutcome, reason: ReloadReason): ReloadLine {
  if (!outcome.ok) {
    const { problems } = outcome;
    const msg = `the config was not reloaded, the one before stays in use: ${problemLines(problems)}`;
    const fields = { event: 'config_reload_failed', reason, problems: problems.slice(0, MOST_PROBLEMS) };
    return { level: 'error', fields, msg };
  }
  const { ok: _, ...counts } = outcome;
  const { added, removed, changed, changedAccounts } = counts;
  const msg = `config reloaded: ${added} instances added, ${removed} removed, ${changed} changed; ${changedAccounts} accounts changed`;
  return { level: 'info', fields: { event: 'config_reloaded', reason, ...counts }, msg };
}

/** What the log says about keys that a reload cannot change; null: there are none. */
export function restartNeededLine(outcome: ReloadOutcome): string | null {
  if (!outcome.ok || outcome.waitingForRestart.length === 0) return null;
  return `new values of ${outcome.waitingForRestart.join(', ')} are used only after a restart of the process`;
}

function problemLines(problems: readonly ReloadProblem[]): string {
  const more = problems.length - MOST_PROBLEMS;
  return formatProblems(problems.slice(0, MOST_PROBLEMS)) + (more > 0 ? `\nand ${more} more` : '');
}
