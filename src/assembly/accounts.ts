import { isDeepStrictEqual } from 'node:util';
import type { AccountConfig, Config } from '../config/config.ts';
import { originOf } from '../core/origin.ts';
import type { Gateway, HealthRoute, ListRoute } from '../gateway/gateway.ts';
import { httpGateway } from '../gateway/wire/http-gateway.ts';
import { processNames } from '../network/process-names.ts';
import { namesStates } from '../gateway/profiles/profile.ts';
import type { Masks } from '../redaction/masks.ts';
import type { Clock } from '../time/clock.ts';
import { Account, type AccountParts } from '../runtime/fleet/account.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
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
    if (isDeepStrictEqual(ofAccount(old), ofAccount(account))) return known;
    const sameWay = isDeepStrictEqual(wayOf(old), wayOf(account));
    return openAccount(account, around, sameWay ? known : undefined);
  });
}

/** What the account at run time depends on. */
function ofAccount({ hookToken: _, discover: _discover, ...account }: AccountConfig): unknown {
  return account;
}

/** The part of an account that its gateway depends on. */
function wayOf({ limits, hookToken: _, discover: _discover, ...way }: AccountConfig): unknown {
  return { ...way, concurrency: limits.concurrency };
}

type Way = Pick<AccountParts, 'gateway' | 'healthRoute' | 'list'>;

function openAccount(account: AccountConfig, around: Surroundings, way: Way = openWay(account, around)): Account {
  const { name, limits } = account;
  return new Account({
    name,
    origin: originOf(account.baseUrl),
    gatewayName: account.gateway,
    gateway: way.gateway,
    remedyTexts: account.profile.remedyTexts,
    healthRoute: way.healthRoute,
    list: way.list,
    requests: new RequestLimiter(around.clock, limits),
    restartLimits: limits,
    requestsPerSecond: limits.requestsPerSecond,
  });
}

function openWay(account: AccountConfig, around: Surroundings): Way {
  const gateway = openGateway(account, around);
  const { list } = account.profile;
  return {
    gateway,
    healthRoute: account.healthPath === null ? undefined : gateway,
    list: list === null ? undefined : { route: gateway, namesStates: namesStates(list), partial: list.partial },
  };
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
