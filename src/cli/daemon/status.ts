import { PHASES } from '../../core/instance/instance.ts';
import { configGroups } from '../../core/shares.ts';
import type { InstanceView, StatusView } from '../../http/views/schemas.ts';
import { remedyIn } from '../../language/catalogue.ts';
import type { Speech } from '../speech.ts';
import { printableJson, type ExitCode, type Paint, type Terminal } from '../terminal.ts';
import { connect, reportLack, type DaemonOptions } from './connect.ts';
import { chosenInstances, fleetTable, whatToDo, type FleetFilter } from './fleet-table.ts';

/** Where nothing says how high the screen is. */
const ROWS = 200;
/** The head of the table, the empty line and the prompt. */
const FRAME = 4;
const FEWEST_ROWS = 3;

type StatusOptions = DaemonOptions & FleetFilter & { readonly json: boolean; readonly all: boolean };

/**
 * The fleet of a running daemon, the sick ones first, at most a screen of it. Ends with 1 when an instance is not healthy,
 * an account needs a person, or a replica did not say how its part is.
 */
export async function status(options: StatusOptions, terminal: Terminal): Promise<ExitCode> {
  const connection = await connect(options, terminal);
  const { client, speech } = connection;
  const [whole, instances] = await Promise.all([client.status(), client.instances()]);
  const chosen = chosenInstances(instances, options, speech);
  if (options.json) {
    terminal.write(`${printableJson({ status: whole, instances: chosen, total: chosen.length }, 2)}\n`);
  } else {
    const lines = [...whatToDo(chosen, speech), ...summary(whole, terminal.paint, speech)];
    const room = Math.max(FEWEST_ROWS, (terminal.size()?.rows ?? ROWS) - lines.length - FRAME);
    const shown = options.all ? chosen : chosen.slice(0, room);
    terminal.write(fleetTable(shown, terminal, speech, Date.parse(whole.now)));
    const more = chosen.length - shown.length;
    if (more > 0) terminal.write(`${speech.cli.status.moreSeeAll(speech.count(more))}\n`);
    terminal.write(`\n${lines.join('\n')}\n`);
  }
  const isWhole = !reportLack(connection, terminal);
  const isWell = whole.accounts.every(({ harmful, blind, refused }) => !harmful && !blind && refused === null);
  return isWhole && isWell && instances.every((instance) => !instance.enabled || isHealthy(instance)) ? 0 : 1;
}

function isHealthy({ phase, activity }: InstanceView): boolean {
  return phase === 'healthy' && activity.silentSince === null;
}

/** What affects more than single instances, worst first. */
function summary(whole: StatusView, paint: Paint, speech: Speech): readonly string[] {
  const { instances, accounts, config, stateTrouble, unsaved, replicas = [] } = whole;
  const groups = configGroups(replicas);
  const { cli, count } = speech;
  const words = cli.status;
  const named = (is: (account: StatusView['accounts'][number]) => boolean, say: (name: string) => string): string[] =>
    accounts.filter(is).map(({ name }) => say(name));
  const warnings = [
    whole.ownNetwork.up ? [] : [words.ownNetworkDown],
    named(({ gatewayOutage }) => gatewayOutage, words.gatewayOutage),
    named(({ harmful }) => harmful, words.harmful),
    named(({ blind }) => blind, words.blind),
    named(({ silent }) => silent, words.silent),
    accounts.flatMap(({ name, gateway, refused }) =>
      refused === null
        ? []
        : [words.refused(name, refused, whole.remedyTexts[gateway]?.[refused] ?? remedyIn(speech, refused) ?? '')],
    ),
    named(({ storm }) => storm, words.storm),
    whole.maintenance.map(({ name }) => words.maintenance(name)),
    config.lastReloadSuccessful ? [] : [words.notReloaded],
    config.waitingForRestart.length === 0 ? [] : [words.waitingForRestart(config.waitingForRestart.join(', '))],
    stateTrouble === null ? [] : [words.notDurable(speech.error(stateTrouble))],
    replicas.flatMap(({ replica, leaseTrouble = null }) =>
      leaseTrouble === null ? [] : [words.leases(replica, speech.error(leaseTrouble))],
    ),
    groups.length < 2 ? [] : [words.configs(groups.map((names) => names.join(', ')).join('; '))],
    whole.durable || stateTrouble !== null ? [] : [words.inMemory],
    unsaved === 0 ? [] : [words.unsaved(count(unsaved))],
    whole.dryRun ? [words.dryRun] : [],
  ].flat();
  const counts = PHASES.filter((phase) => instances.byPhase[phase] > 0).map(
    (phase) => `${count(instances.byPhase[phase])} ${cli.phases[phase]}`,
  );
  const total = words.total(count(instances.total), counts.join(', ') || words.none, whole.version);
  return [...warnings.map((warning) => paint.yellow(warning)), total];
}
