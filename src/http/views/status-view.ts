import { sumOf } from '../../collections/sum.ts';
import { PHASES, type Phase } from '../../core/instance/instance.ts';
import { isoTime, isoTimeOrNull } from '../../core/schedule/iso-time.ts';
import type { EpochMs } from '../../core/time.ts';
import type { HttpParts } from '../http-parts.ts';
import type { Peers } from '../peers/peers.ts';
import type { Masks } from '../../redaction/masks.ts';
import type { Account } from '../../runtime/fleet/account.ts';
import { listTrouble } from '../../telemetry/log/event-words.ts';
import type { StatusView } from './schemas.ts';

type AccountView = StatusView['accounts'][number];
type ReplicaView = NonNullable<StatusView['replicas']>[number];

/** The fleet as a whole: how many instances are in which phase, and what affects all of them. */
export function statusView(parts: HttpParts, startedAt: EpochMs): StatusView {
  const { fleet, guards, config, history, generation, access, version, clock, store, peers } = parts;
  const { accounts, instances } = fleet();
  const seen = guards();
  const { dryRun, lastReloadSuccessful, lastSuccessAt, problems, waitingForRestart } = config();
  const byAccount = new Map([...accounts.keys()].map((name) => [name, noneYet()]));
  const byPhase = noneYet();
  let disabled = 0;
  let unsaved = 0;
  for (const { definition, account, state, unsaved: isUnsaved } of instances.values()) {
    if (isUnsaved) unsaved += 1;
    if (!definition.enabled) {
      disabled += 1;
      continue;
    }
    byPhase[state.phase] += 1;
    const ofAccount = byAccount.get(account.name);
    if (ofAccount !== undefined) ofAccount[state.phase] += 1;
  }
  return {
    version,
    startedAt: isoTime(startedAt),
    now: isoTime(clock.now()),
    generation: generation(),
    instances: { total: instances.size, disabled, byPhase },
    accounts: [...accounts.values()].map((account) => {
      const { name } = account;
      const ofAccount = byAccount.get(name) ?? noneYet();
      const count = sumOf(PHASES, (phase) => ofAccount[phase]);
      return {
        name,
        gateway: account.gatewayName,
        instances: count,
        byPhase: ofAccount,
        storm: account.inStorm,
        gatewayOutage: account.inGatewayOutage,
        harmful: account.isHarmful,
        blind: account.isBlind,
        silent: account.isSilent,
        refused: account.refusedBy,
        bulk: bulkView(account, parts.masks),
        discovery: discoveryView(account, parts.masks),
      };
    }),
    remedyTexts: Object.fromEntries(
      [...accounts.values()].flatMap(({ gatewayName, remedyTexts = {} }) =>
        Object.keys(remedyTexts).length === 0 ? [] : [[gatewayName, remedyTexts]],
      ),
    ),
    ownNetwork: { up: seen.networkUp },
    troubles: history
      .lasting()
      .filter(({ name }) => name === null)
      .map(({ kind, account, began }) => ({ kind, account, since: isoTime(began) })),
    config: { lastReloadSuccessful, lastSuccessAt: isoTime(lastSuccessAt), problems, waitingForRestart },
    dryRun,
    durable: store.durable,
    stateTrouble: store.trouble?.message ?? null,
    unsaved,
    maintenance: seen
      .openMaintenance()
      .map((open) => ({ name: open.name, accounts: open.accounts, instances: open.instances })),
    writable: access().token !== null,
    ...(peers !== null && {
      replicas: [replicaView(peers, accounts.size, instances.size)],
    }),
  };
}

function replicaView({ replica, config, leaseTrouble }: Peers, accounts: number, instances: number): ReplicaView {
  return { replica, accounts, instances, config, leaseTrouble };
}

function bulkView({ listTrouble: trouble }: Account, masks: Masks): AccountView['bulk'] {
  return trouble && { cause: trouble.cause, detail: trouble.detail === null ? null : masks.line(trouble.detail) };
}

function discoveryView({ discovery }: Account, masks: Masks): AccountView['discovery'] {
  if (discovery === null) return null;
  const { listedAt, found: instances, unusable, trouble } = discovery;
  const why = trouble === null ? null : masks.line(listTrouble(trouble));
  return { listedAt: isoTimeOrNull(listedAt), instances, unusable, trouble: why };
}

function noneYet(): Record<Phase, number> {
  return Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
}
