import { isDeepStrictEqual } from 'node:util';
import type { AccountConfig, Config } from '../config/config.ts';
import type { Gateway, HealthRoute, ListRoute } from '../gateway/gateway.ts';
import { httpGateway } from '../gateway/wire/http-gateway.ts';
import { processNames } from '../network/process-names.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Clock } from '../time/clock.ts';
import { Account, type AccountParts, type Fleet } from '../runtime/fleet/fleet.ts';
import { RequestLimiter } from '../runtime/fleet/request-limiter.ts';

/** What all gateways have in common. */
export interface Surroundings {
  readonly clock: Clock;
  /** For what gateways answer. */
  readonly masks: Masks;
}

/** Opens the connections to all gateways; `closeAccounts` when done. */
export function openAccounts(config: Config, around: Surroundings): readonly Account[] {
  return [...config.accounts.values()].map((account) => openAccount(account, around));
}

export async function closeAccounts(accounts: readonly Account[]): Promise<void> {
  await Promise.all(accounts.map(({ gateway }) => gateway.close()));
}

/** The accounts of `next`: the same objects where nothing changed, the same gateways where only limits did. */
export function accountsFor(
  next: Config,
  before: Config,
  { accounts }: Fleet,
  around: Surroundings,
): readonly Account[] {
  return [...next.accounts.values()].map((account) => {
    const old = before.accounts.get(account.name);
    const known = accounts.get(account.name);
    if (old === undefined || known === undefined) return openAccount(account, around);
    if (isDeepStrictEqual({ ...old, hookToken: null }, { ...account, hookToken: null })) return known;
    const sameWay = isDeepStrictEqual(wayOf(old), wayOf(account));
    return openAccount(account, around, sameWay ? known : undefined);
  });
}

/** The part of an account that its gateway depends on. */
function wayOf({ limits, hookToken: _, ...way }: AccountConfig): unknown {
  return { ...way, concurrency: limits.concurrency };
}

type Way = Pick<AccountParts, 'gateway' | 'healthRoute'>;

function openAccount(account: AccountConfig, around: Surroundings, way: Way = openWay(account, around)): Account {
  const { name, limits } = account;
  return new Account({
    name,
    origin: new URL(account.baseUrl).origin,
    gatewayName: account.gateway,
    gateway: way.gateway,
    remedyTexts: account.profile.remedyTexts,
    healthRoute: way.healthRoute,
    requests: new RequestLimiter(around.clock, limits),
    restartLimits: limits,
    requestsPerSecond: limits.requestsPerSecond,
  });
}

function openWay(account: AccountConfig, around: Surroundings): Way {
  const gateway = openGateway(account, around);
  return account.healthPath === null ? { gateway } : { gateway, healthRoute: gateway };
}

/** The way to the gateway of an account alone; to be closed when done. */
export function openGateway(account: AccountConfig, around: Surroundings): Gateway & HealthRoute & ListRoute {
  return httpGateway({
    ...account,
    ...account.tls,
    values: { ...account.values, token: account.token, username: account.username ?? '' },
    concurrency: account.limits.concurrency,
    ...around,
    names: processNames,
  });
}
