import type { EventOf } from '../core/event.ts';
import type { GroupState } from '../core/group/group.ts';
import { HARM_WINDOW } from '../core/group/harm.ts';
import { isAcknowledged, isPaused } from '../core/instance/holds.ts';
import { nextStep } from '../core/next-step.ts';
import { cleanText } from '../redaction/clean-text.ts';
import type { Account, SharedGateway } from '../runtime/fleet/account.ts';
import type { Fleet } from '../runtime/fleet/fleet.ts';
import type { Instance } from '../runtime/fleet/instance.ts';
import type { Guards } from '../runtime/guards/guards.ts';
import type { Times } from '../time/wall-clock.ts';
import type { InstanceSnapshot } from '../notify/found-incidents.ts';
import type { Watching } from '../notify/incidents.ts';
import type { NotifierParts } from '../notify/notifier.ts';

export interface NoticePartsOf extends Times {
  readonly fleet: () => Fleet;
  readonly guards: () => Pick<Guards, 'openMaintenance'>;
}

type NoticeParts = Pick<NotifierParts, 'factsOf' | 'remedyTextsOf' | 'isMuted'>;

/** What notifications want to know of the fleet: an instance as it stands, and whether somebody works on it. */
export function noticeParts({ clock, wall, fleet, guards }: NoticePartsOf): NoticeParts {
  return {
    remedyTextsOf: (account) => fleet().accounts.get(account)?.remedyTexts,
    factsOf(name) {
      const instance = fleet().instances.get(name);
      if (instance === undefined) return null;
      const { definition, state, policy, lastProbe } = instance;
      const cause = state.refusal ?? state.cause;
      return {
        displayName: definition.displayName,
        phoneNumberId: cleanText(definition.phoneNumberId),
        labels: definition.labels,
        cause,
        detail: lastProbe?.cause === cause ? lastProbe.detail : null,
        next: nextStep(state, policy, clock.now(), wall.now()),
      };
    },
    isMuted({ name, account, accounts }) {
      const state = name === null ? undefined : fleet().instances.get(name)?.state;
      const now = wall.now();
      if (state !== undefined && (isPaused(state, now) || isAcknowledged(state, now))) return true;
      if (accounts.length === 0) return false;
      return guards()
        .openMaintenance()
        .some(
          (window) =>
            (window.accounts.length === 0 && window.instances.length === 0) ||
            (name !== null && window.instances.includes(name)) ||
            (account === null ? accounts : [account]).every((each) => window.accounts.includes(each)),
        );
    },
  };
}

/** What is watched, for notifications. */
export function watching({ instances, accounts }: Fleet, newcomers: Iterable<Instance>): Watching {
  return {
    isWatched: (name) => instances.get(name)?.definition.enabled ?? false,
    isAccount: (name) => accounts.has(name),
    newcomers: standing(newcomers),
    harmful: heldByHarm(accounts.values()),
  };
}

/** What is held because restarts did harm, as it would be announced. */
function* heldByHarm(accounts: Iterable<Account>): Generator<EventOf<'harmful_began'>> {
  const gateways = new Set<SharedGateway>();
  for (const { name: account, group, shared } of accounts) {
    if (shared?.group.harmful === true) {
      if (gateways.has(shared)) continue;
      gateways.add(shared);
      const gateway = { origin: shared.origin, accounts: [...shared.accounts].map(({ name }) => name) };
      yield { ...harmOf(shared.group), account, gateway };
    } else if (group.harmful) yield { ...harmOf(group), account };
  }
}

function harmOf({ harms }: GroupState): Omit<EventOf<'harmful_began'>, 'account' | 'gateway'> {
  return { type: 'harmful_began', at: harms.at(-1)?.at ?? 0, harmed: harms.length, within: HARM_WINDOW };
}

function* standing(instances: Iterable<Instance>): Generator<InstanceSnapshot> {
  for (const { name, account, state, definition } of instances) {
    if (definition.enabled) yield { name, account: account.name, state };
  }
}
