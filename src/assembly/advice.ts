import type { Logger } from 'pino';
import { TRY_IT_FIRST, unprovenGateways } from '../config/check/gateway-warnings.ts';
import { exposureOf } from '../config/check/token-checks.ts';
import type { Config } from '../config/config.ts';

/** Logs what an operator should know of a config that is in use from now on. */
export function logAdvice(config: Config, log: Logger): void {
  const exposure = exposureOf(config);
  if (exposure !== null) log.warn({ event: 'open_to_all' }, `${exposure.message}. ${exposure.remedy}`);
  for (const { gateway, accounts, proof } of unprovenGateways(config.accounts.values())) {
    log.info({ event: 'gateway_unproven', gateway, accounts }, `the gateway ${gateway} is ${proof}. ${TRY_IT_FIRST}`);
  }
}
