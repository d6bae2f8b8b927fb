import type { RestartOptions, RestartResult } from '../gateway.ts';
import type { RestartAttempt } from './repeat.ts';

/** What restart routes of gateways take, the likeliest first. */
const METHODS = ['POST', 'GET', 'PUT', 'PATCH'] as const;

/**
 * Makes a call whose method the gateway does not say. It begins with the one that was found before, or POST. The next one
 * follows only where the router surely refused the one before, so that nothing was done, and while probes are answered; and
 * only methods that the router allows, if it says which. All of them are one call of the restart.
 */
export async function tryMethods(
  call: (method: string) => Promise<Pick<RestartAttempt, 'result' | 'router'>>,
  { method: found, answered = false, signal }: Pick<RestartOptions, 'method' | 'answered' | 'signal'>,
): Promise<RestartResult> {
  let left: readonly string[] = METHODS;
  let method: string = METHODS.find((each) => each === found) ?? METHODS[0];
  for (;;) {
    const { result, router = null } = await call(method);
    if (result.outcome === 'accepted') return { ...result, method };
    const used = method;
    const allowed = router?.allowed ?? null;
    left = left.filter((each) => each !== used && (allowed === null || allowed.includes(each)));
    const [next] = left;
    if (router === null || !answered || next === undefined || signal.aborted) return result;
    method = next;
  }
}
