import type { Problem } from '../../core/problem.ts';
import { namesStates, type Profile } from '../../gateway/profiles/profile.ts';
import type { KnownGateway } from '../gateways/built-in.ts';
import type { AccountEntry, Sources } from '../read/sources.ts';

const OWN_LIST = 'or describe the list of the gateway under "gateways"';

/** Whether the list of the gateway is requested for an account: to find instances, or in place of probes. */
export function usesList({ main, instances }: Sources, known: KnownGateway, { name, input }: AccountEntry): boolean {
  const { list } = known.profile;
  if (list === null) return false;
  if (input.discover !== null) return true;
  const { bulk = false } = { ...known.defaults.probe, ...main.input.defaults.probe, ...input.probe };
  const isBulk = bulk || instances.some(({ input: { account, probe } }) => account === name && probe.bulk === true);
  return isBulk && namesStates(list);
}

/** What an account wants of a list that the gateway does not have. */
export function listProblems({ source, path, input }: AccountEntry, { list, name }: Profile): Problem[] {
  const problems: Problem[] = [];
  if (input.discover !== null && (list === null || list.lacksToken)) {
    const why =
      list === null
        ? 'does not list its instances'
        : 'lists its instances without the token that each of them has of its own';
    const remedy = `Name them under "instances", ${OWN_LIST}.`;
    problems.push(source.problemAt([...path, 'discover'], `the gateway ${name} ${why}`, remedy));
  }
  if (input.probe.bulk === true && (list === null || !namesStates(list))) {
    const message =
      list === null
        ? `has no effect: the gateway ${name} does not list its instances`
        : `has no effect: the list of the gateway ${name} does not say which instances are connected`;
    problems.push(source.problemAt([...path, 'probe', 'bulk'], message, `Remove it, ${OWN_LIST}.`));
  }
  return problems;
}
