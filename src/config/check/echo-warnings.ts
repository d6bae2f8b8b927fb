import { ECHO_EVERY, echoNumber } from '../../core/silence/echo.ts';
import { MINUTE } from '../../core/time.ts';
import { furtherValuesIn } from '../../gateway/profiles/request-values.ts';
import type { AccountConfig, InstanceConfig } from '../config.ts';
import type { Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';

const NUMBER_REMEDY = 'Write the phone number of an instance of this account into activity.echo.to, in digits.';
const TOO_MANY_REMEDY = 'Lengthen activity.echo.every, or leave it to some of the instances.';
const OTHER_REMEDY = 'Write the name of another instance of this account into activity.echo.to.';

/** Accounts with instances that are to send messages, and never will; one warning for each. */
export function echoWarnings(
  { accounts }: Sources,
  configs: ReadonlyMap<string, AccountConfig>,
  instances: readonly InstanceConfig[],
): Warning[] {
  const senders = new Map<string, InstanceConfig[]>();
  for (const instance of instances) {
    if (instance.policy.activity.echo === null) continue;
    const own = senders.get(instance.account) ?? [];
    own.push(instance);
    senders.set(instance.account, own);
  }
  const byName = new Map(senders.size === 0 ? [] : instances.map((instance) => [instance.name, instance]));
  return accounts.flatMap(({ source, path, name }) => {
    const config = configs.get(name);
    const own = senders.get(name) ?? [];
    const { profile, values = {}, discover = null } = config ?? {};
    // Those that the gateway lists have the policy of the account.
    const sends = own.length > 0 || (discover !== null && discover.policy.activity.echo !== null);
    if (!sends || profile === undefined) return [];
    if (profile.send === null) {
      const message = `activity.echo sends nothing here: the gateway ${profile.name} has no "send"`;
      return [source.problemAt([...path, 'gateway'], message, 'Leave echo out, or describe send under "gateways".')];
    }
    const missing = furtherValuesIn(profile.send).filter((value) => !Object.hasOwn(values, value));
    if (missing.length > 0) {
      const message = `activity.echo sends nothing here: the gateway ${profile.name} needs it to send`;
      const remedy = `Add it, best as "\${NAME}": the gateway ${profile.name} needs it.`;
      return missing.map((value) => source.problemAt([...path, 'values', value], message, remedy));
    }
    const numberOf = (instance: InstanceConfig): string | null => {
      const { to = '' } = instance.policy.activity.echo ?? {};
      const other = byName.get(to);
      return echoNumber(to, instance.phoneNumberId, other?.account === name ? other.phoneNumberId : null);
    };
    const lost = own.filter((instance) => numberOf(instance) === null);
    const mute = own.filter(
      (instance) => profile.send?.toSelf === false && numberOf(instance) === instance.phoneNumberId,
    );
    const problem = ([first, ...others]: readonly InstanceConfig[], why: string, remedy: string): Warning[] => {
      if (first === undefined) return [];
      const whose = others.length === 0 ? first.name : `${first.name} and ${others.length} more`;
      return [source.problemAt(path, `activity.echo of ${whose} sends nothing: ${why}`, remedy)];
    };
    return [
      ...problem(lost, 'the number that is to get it is not known', NUMBER_REMEDY),
      ...(isTooMuch(own) ? [source.problemAt(path, tooMany(own), TOO_MANY_REMEDY)] : []),
      ...problem(mute, `no webhook of the gateway ${profile.name} shows a message to its own number`, OTHER_REMEDY),
    ];
  });
}

/** Whether the messages of an account, sent one at a time, take more time than there is. */
function isTooMuch(own: readonly InstanceConfig[]): boolean {
  const share = own.reduce((sum, { policy }) => sum + ECHO_EVERY / (policy.activity.echo?.every ?? Infinity), 0);
  // A sum of many fractions may be a little more than it is.
  return share > 1 + 1e-6;
}

function tooMany({ length }: readonly InstanceConfig[]): string {
  return `activity.echo of ${length} instances comes less often than it says: at most ${MINUTE / ECHO_EVERY} messages a minute are sent`;
}
