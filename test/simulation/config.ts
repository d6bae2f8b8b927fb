import type { Policy } from '../../src/core/policy.ts';
import type { EpochMs } from '../../src/core/time.ts';
import type { FleetParts } from '../../src/runtime/fleet/fleet-registry.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedInstance } from '../../src/simulation/scenario-instance.ts';
import type { AccountLimits } from './account-book.ts';
import { ACCOUNTS, drawLimits, redrawn, type FleetPlan } from './fleet-plan.ts';

/** How a config differs from the one before. */
export interface ConfigChange {
  readonly words: string;
  /** Its instances have another policy. */
  readonly policyOf?: string;
  readonly limitsOf?: string;
  /** Its gateway is reached in another way. */
  readonly gatewayOf?: string;
  /** Watched from now on, or no more. */
  readonly membershipOf?: SimulatedInstance;
}

/** What the simulated config says now, and how somebody changes it at random. */
export class SimulatedConfig {
  /** Those who are configured and enabled. */
  readonly enabled = new Set<SimulatedInstance>();
  /** Not in the config at all, for the time being. */
  private readonly absent = new Set<SimulatedInstance>();
  private readonly leftAt = new Map<SimulatedInstance, EpochMs>();
  private readonly policies: Map<string, Policy>;
  private readonly limits: Map<string, AccountLimits>;
  private readonly plan: FleetPlan;
  private readonly phones: readonly SimulatedInstance[];
  private readonly chance: Chance;

  /** @param phones of whom the first is never configured, and the second is at first disabled */
  constructor(plan: FleetPlan, phones: readonly SimulatedInstance[], chance: Chance) {
    this.plan = plan;
    this.phones = phones.slice(1);
    this.chance = chance;
    this.policies = new Map(plan.policies);
    this.limits = new Map(plan.limits);
    for (const phone of phones.slice(2)) this.enabled.add(phone);
  }

  policyOf({ account }: SimulatedInstance): Policy {
    return defined(this.policies, account);
  }

  limitsOf(account: string): AccountLimits {
    return defined(this.limits, account);
  }

  /** When an instance was last taken out, or disabled. */
  lastLeftAt(phone: SimulatedInstance): EpochMs {
    return this.leftAt.get(phone) ?? Number.NEGATIVE_INFINITY;
  }

  instances(): FleetParts['instances'] {
    const listed = this.phones.filter((phone) => !this.absent.has(phone));
    return listed.map((phone) => ({
      account: phone.account,
      definition: {
        name: phone.name,
        phoneNumberId: phone.id,
        labels: {},
        enabled: this.enabled.has(phone),
        policy: this.policyOf(phone),
      },
    }));
  }

  change(now: EpochMs): ConfigChange {
    const { chance } = this;
    const account = chance.pick(ACCOUNTS);
    switch (chance.pick(['policy', 'limits', 'gateway', 'membership', 'membership', 'enabled'] as const)) {
      case 'policy':
        this.policies.set(account, redrawn(defined(this.plan.policies, account), chance));
        return { words: `another policy for ${account}`, policyOf: account };
      case 'limits':
        this.limits.set(account, drawLimits(chance));
        return { words: `other limits for ${account}`, limitsOf: account };
      case 'gateway':
        return { words: `another way to the gateway of ${account}`, gatewayOf: account };
      case 'membership':
        return this.enlistOrDelist(chance.pick(this.phones), now);
      case 'enabled':
        return this.toggle(chance.pick(this.phones), now);
    }
  }

  /** What somebody changes while no process runs. */
  changeUnseen(now: EpochMs): void {
    this.toggle(this.chance.pick(this.phones), now);
  }

  /** Enables whoever is disabled, and the other way round; who is not in the config stays out of it. */
  private toggle(phone: SimulatedInstance, now: EpochMs): ConfigChange {
    if (this.absent.has(phone)) return { words: 'nothing' };
    const enabled = !this.enabled.has(phone);
    this.set(phone, enabled, now);
    return { words: `${phone.name} ${enabled ? 'enabled' : 'disabled'}`, membershipOf: phone };
  }

  private enlistOrDelist(phone: SimulatedInstance, now: EpochMs): ConfigChange {
    const listed = this.absent.delete(phone);
    if (!listed) this.absent.add(phone);
    this.set(phone, listed, now);
    return { words: `${phone.name} ${listed ? 'added' : 'taken out'}`, membershipOf: phone };
  }

  private set(phone: SimulatedInstance, enabled: boolean, now: EpochMs): void {
    if (this.enabled.has(phone) && !enabled) this.leftAt.set(phone, now);
    if (enabled) this.enabled.add(phone);
    else this.enabled.delete(phone);
  }
}

function defined<T>(values: ReadonlyMap<string, T>, account: string): T {
  const value = values.get(account);
  if (value === undefined) throw new Error(`no account ${account}`);
  return value;
}
