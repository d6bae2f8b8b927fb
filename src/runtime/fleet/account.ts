import type { ListTrouble } from '../../core/event.ts';
import { NEW_GROUP, type GroupState } from '../../core/group/group.ts';
import type { InstanceState } from '../../core/instance/instance.ts';
import type { RestartLimits } from '../../core/settings.ts';
import type { EpochMs } from '../../core/time.ts';
import type { Cause } from '../../core/verdict.ts';
import type { Gateway, HealthRoute, ListRoute } from '../../gateway/gateway.ts';
import { CalmAnswers } from './calm-answers.ts';
import type { RequestLimiter } from './request-limiter.ts';

/** The question for all instances of an account. */
export interface AccountList {
  readonly route: ListRoute;
  /** Whether its answer says how the instances are. */
  readonly namesStates: boolean;
  /** It leaves out instances that do not run, so one that is missing may be lost. */
  readonly partial: boolean;
}

/** Where the discovery of an account stands. */
export interface DiscoveryStatus {
  /** When the last list was requested that was followed; null: none was yet. */
  readonly listedAt: EpochMs | null;
  /** How many of the instances that it named are watched, and how many entries are not, because they cannot be. */
  readonly found: number;
  readonly unusable: number;
  /** Why the last list was not followed; null: it was, or a second one is to show it first. */
  readonly trouble: ListTrouble | null;
}

/** The way to a gateway under an account, and the account's limits. */
export interface AccountParts {
  readonly name: string;
  /** Scheme, host and port of the gateway: accounts that share it fail together. */
  readonly origin: string;
  /** Name of the gateway's profile. */
  readonly gatewayName: string;
  readonly gateway: Gateway;
  /** What a person can do about a cause at this gateway, in place of the general text. */
  readonly remedyTexts?: Readonly<Partial<Record<Cause, string>>> | undefined;
  /** The gateway's own health route; without one, only its instances show its health. */
  readonly healthRoute?: HealthRoute | undefined;
  readonly list?: AccountList | undefined;
  readonly requests: RequestLimiter;
  readonly restartLimits: RestartLimits;
  /** At most this many probes per second begin; the first round is spread accordingly. */
  readonly requestsPerSecond: number;
}

/**
 * A gateway with several accounts: their instances fail together, and share its limits. Only the guards write it.
 */
export class SharedGateway {
  readonly origin: string;
  readonly accounts: ReadonlySet<Account>;
  group: GroupState = NEW_GROUP;
  readonly answers = new CalmAnswers();
  /** Limits of all its accounts together; null: none beside their own. */
  requests: RequestLimiter | null = null;

  constructor(origin: string, accounts: ReadonlySet<Account>) {
    this.origin = origin;
    this.accounts = accounts;
  }

  /** Whether it has these accounts and no others. */
  isOf(accounts: ReadonlySet<Account>): boolean {
    return accounts.size === this.accounts.size && [...accounts].every((account) => this.accounts.has(account));
  }
}

/** One account at run time. Only the registry writes it, at a reload, except for the group and the gateway. */
export class Account implements AccountParts {
  readonly name: string;
  readonly requests: RequestLimiter;
  origin: string;
  gatewayName: string;
  gateway: Gateway;
  remedyTexts: AccountParts['remedyTexts'];
  healthRoute: HealthRoute | undefined;
  list: AccountList | undefined;
  restartLimits: RestartLimits;
  requestsPerSecond: number;
  /** How many of its instances are probed. */
  size = 0;
  /** The method of its restarts that was found by trying, and when; null: none was. */
  restartMethod: { readonly method: string; readonly at: EpochMs } | null = null;
  /** Whether its list takes the place of probes of some instances. Only the bulk probes write this and the next. */
  usesBulk = false;
  /** Why its list cannot take the place of probes now; null: it can, or is not to. */
  listTrouble: { readonly cause: Cause; readonly detail: string | null } | null = null;
  /** What came of the lists by which its instances are found; null: none are to be. Only the discovery writes it. */
  discovery: DiscoveryStatus | null = null;
  /** Its instances as a group. Only the guards write it. */
  group: GroupState = NEW_GROUP;
  /** What the group does not know yet. */
  readonly answers = new CalmAnswers();
  /** The last sign of life of any of its instances; NaN: there was none yet. Only the listener writes it. */
  heardAt: EpochMs = Number.NaN;
  /** The gateway, when other accounts use it as well. Only the guards write it. */
  shared: SharedGateway | null = null;

  constructor(parts: AccountParts) {
    this.name = parts.name;
    this.requests = parts.requests;
    this.origin = parts.origin;
    this.gatewayName = parts.gatewayName;
    this.gateway = parts.gateway;
    this.remedyTexts = parts.remedyTexts;
    this.healthRoute = parts.healthRoute;
    this.list = parts.list;
    this.restartLimits = parts.restartLimits;
    this.requestsPerSecond = parts.requestsPerSecond;
  }

  /** Whether an announced storm goes on. */
  get inStorm(): boolean {
    return this.group.storm.announced || this.shared?.group.storm.announced === true;
  }

  get inGatewayOutage(): boolean {
    return this.group.outage || this.shared?.group.outage === true;
  }

  /** Whether restarts of it, or of others at its gateway, did harm, and wait for a person's release. */
  get isHarmful(): boolean {
    return this.group.harmful || this.shared?.group.harmful === true;
  }

  /** Whether nothing is known of most of its instances. */
  get isBlind(): boolean {
    return this.group.trouble.isBlind;
  }

  /** Whether most of its instances of which signs of life are expected show none. */
  get isSilent(): boolean {
    return this.group.trouble.isSilent;
  }

  /** Why the gateway refuses most of its instances; null: it does not. */
  get refusedBy(): Cause | null {
    return this.group.trouble.isRefused;
  }

  /** Remembers the methods of restarts that were found by trying; whether the last one is news. */
  learnMethods(history: InstanceState['history']): boolean {
    const before = this.restartMethod;
    for (const { at, method, outcome } of history) {
      if (method === null || outcome !== 'accepted') continue;
      if (this.restartMethod === null || at >= this.restartMethod.at) this.restartMethod = { method, at };
    }
    return this.restartMethod?.method !== before?.method;
  }

  /** Adopts another way and other limits. Its queue and its counts stay, because the gateway does too. */
  adopt(parts: AccountParts): void {
    this.origin = parts.origin;
    if (this.gateway !== parts.gateway) this.restartMethod = null;
    this.gatewayName = parts.gatewayName;
    this.gateway = parts.gateway;
    this.remedyTexts = parts.remedyTexts;
    this.healthRoute = parts.healthRoute;
    this.list = parts.list;
    this.restartLimits = parts.restartLimits;
    this.requestsPerSecond = parts.requestsPerSecond;
    this.requests.adoptLimits(parts.requests);
  }
}
