import type { Reloaded } from '../runtime/reconcile/apply-reload.ts';
import type { Watchdog } from '../runtime/watchdog.ts';
import type { Metrics } from '../telemetry/metrics/metrics.ts';

/** Removes the series of what is no longer watched, and again after restart calls, which may bring them back. */
export function forgetSeries(
  metrics: Metrics,
  watchdog: Watchdog,
  { forgotten, forgottenAccounts, settled }: Reloaded,
): void {
  for (const { name, account } of forgotten) metrics.forget(name, account);
  for (const account of forgottenAccounts) metrics.forgetAccount(account);
  void settled.then(() => {
    const { instances, accounts } = watchdog.fleet;
    for (const { name, account } of forgotten) {
      if (instances.get(name)?.account.name !== account) metrics.forget(name, account);
    }
    for (const account of forgottenAccounts) if (!accounts.has(account)) metrics.forgetAccount(account);
  });
}
