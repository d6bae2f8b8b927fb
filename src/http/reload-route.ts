import type { Problem } from '../core/problem.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { problem } from './problem.ts';

/** More of them are only counted. */
const MOST_PROBLEMS = 100;

/**
 * `POST /-/reload`. Like the other routes under `/-/` it asks for no token: it re-reads files that only the operator
 * can write, takes nothing from the request, and does nothing while those files are the same.
 */
export function addReloadRoute(app: HttpApp, { reload }: HttpParts): void {
  app.post('/-/reload', async (c) => {
    const outcome = await reload();
    if (!outcome.ok) return refused(outcome.problems);
    const { ok: _, ...done } = outcome;
    return c.json(done);
  });
}

function refused(problems: readonly Problem[]): Response {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const detail = `The config has ${count}; the one before stays in use.`;
  return problem(400, detail, {}, { problems: problems.slice(0, MOST_PROBLEMS) });
}
