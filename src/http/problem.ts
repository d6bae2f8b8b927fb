import { STATUS_CODES } from 'node:http';

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429 | 500 | 503;

/** All that a client learns of a bug. */
export const BUG = 'A bug in the watchdog prevented an answer; the log has the details.';

/** Thrown by a route that cannot do what the request wants; the client gets it as the answer. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly response: Response;

  /** The same arguments as those of {@link problem}. */
  constructor(...of: Parameters<typeof problem>) {
    super(of[1]);
    this.response = problem(...of);
  }
}

/**
 * An error as every route answers it (RFC 9457).
 *
 * @param detail what is wrong and what to do, for people; must hold neither secrets nor words of a gateway
 * @param more further members, for programs
 */
export function problem(
  status: ProblemStatus,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Response {
  const title = STATUS_CODES[status] ?? 'Error';
  return new Response(JSON.stringify({ type: 'about:blank', title, status, detail, ...more }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });
}
