import { proxyMistake, proxyOf, withScheme, type ProxyVariables } from '../../network/proxy.ts';
import type { Problem } from '../../core/problem.ts';
import type { Config } from '../config.ts';

type Called = Pick<Config, 'accounts' | 'notify' | 'heartbeat'>;

/** Whatever is called, each with the proxy that is on the way to it, by its own setting or by the environment. */
export function withProxies({ accounts, notify, heartbeat }: Called, variables: ProxyVariables): Called {
  return {
    accounts: new Map(
      [...accounts].map(([name, account]) => {
        return [name, { ...account, proxy: proxyOf(account.baseUrl, account.proxy, variables) }];
      }),
    ),
    notify: notify.map((receiver) => ({ ...receiver, proxy: proxyOf(receiver.url, receiver.proxy, variables) })),
    heartbeat: heartbeat && { ...heartbeat, proxy: proxyOf(heartbeat.url, heartbeat.proxy, variables) },
  };
}

/** What is wrong with the variables of the environment; it is not shown, for it may hold a password. */
export function variableProblems(variables: ProxyVariables): Problem[] {
  if (variables.none === '*') return [];
  const named = [
    ['HTTP_PROXY', variables.http],
    ['HTTPS_PROXY', variables.https],
  ] as const;
  return named.flatMap(([path, value]) => {
    const message = value === null ? null : proxyMistake(value);
    if (message === null) return [];
    const remedy = 'Write http://host:port, or unset the variable; NO_PROXY=* has it ignored.';
    return [{ file: 'environment', line: null, column: null, path, message, remedy }];
  });
}

/** Variables that hold a user or a password. */
export function proxySecrets({ http, https }: ProxyVariables): readonly string[] {
  return [http, https].flatMap((value) => (value?.includes('@') === true ? [withScheme(value)] : []));
}
