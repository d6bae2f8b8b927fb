import type { Policy } from '../../src/core/policy.ts';
import type { EpochMs } from '../../src/core/time.ts';
import type { FleetParts } from '../../src/runtime/fleet/fleet-change.ts';
import type { Chance } from '../../src/simulation/chance.ts';
import type { SimulatedInstance } from '../../src/simulation/simulated-instance.ts';
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
  /** Watched from now on, or no longer. */
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
  private readonly listable: readonly SimulatedInstance[];
  private readonly chance: Chance;

  /** @param instances of whom the first is never configured, and the second is at first disabled */
  constructor(plan: FleetPlan, instances: readonly SimulatedInstance[], chance: Chance) {
    this.plan = plan;
    this.listable = instances.slice(1);
    this.chance = chance;
    this.policies = new Map(plan.policies);
    this.limits = new Map(plan.limits);
    for (const simulated of instances.slice(2)) this.enabled.add(simulated);
  }

  policyOf({ account }: SimulatedInstance): Policy {
    return defined(this.policies, account);
  }

  limitsOf(account: string): AccountLimits {
    return defined(this.limits, account);
  }

  /** When an instance was last taken out, or disabled. */
  lastLeftAt(simulated: SimulatedInstance): EpochMs {
    return this.leftAt.get(simulated) ?? Number.NEGATIVE_INFINITY;
  }

  instances(): FleetParts['instances'] {
    const listed = this.listable.filter((simulated) => !this.absent.has(simulated));
    return listed.map((simulated) => ({
      account: simulated.account,
      definition: {
        name: simulated.name,
        phoneNumberId: simulated.id,
        displayName: null,
        labels: {},
        enabled: this.enabled.has(simulated),
        policy: this.policyOf(simulated),
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
        return this.enlistOrDelist(chance.pick(this.listable), now);
      case 'enabled':
        return this.toggle(chance.pick(this.listable), now);
    }
  }

  /** What somebody changes while no process runs. */
  changeUnseen(now: EpochMs): void {
    this.toggle(this.chance.pick(this.listable), now);
  }

  /** Enables an instance that is disabled, and the other way round; one that is not in the config stays out of it. */
  private toggle(simulated: SimulatedInstance, now: EpochMs): ConfigChange {
    if (this.absent.has(simulated)) return { words: 'nothing' };
    const enabled = !this.enabled.has(simulated);
    this.set(simulated, enabled, now);
    return { words: `${simulated.name} ${enabled ? 'enabled' : 'disabled'}`, membershipOf: simulated };
  }

  private enlistOrDelist(simulated: SimulatedInstance, now: EpochMs): ConfigChange {
    const listed = this.absent.delete(simulated);
    if (!listed) this.absent.add(simulated);
    this.set(simulated, listed, now);
    return { words: `${simulated.name} ${listed ? 'added' : 'taken out'}`, membershipOf: simulated };
  }

  private set(simulated: SimulatedInstance, enabled: boolean, now: EpochMs): void {
    if (this.enabled.has(simulated) && !enabled) this.leftAt.set(simulated, now);
    if (enabled) this.enabled.add(simulated);
    else this.enabled.delete(simulated);
  }
}

function defined<T>(values: ReadonlyMap<string, T>, account: string): T {
  const value = values.get(account);
  if (value === undefined) throw new Error(`no account ${account}`);
  return value;
}
