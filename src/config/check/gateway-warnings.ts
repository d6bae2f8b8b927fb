import type { Provenance } from '../../gateway/profiles/profile.ts';
import type { AccountConfig } from '../config.ts';
import { BUILT_IN_GATEWAYS } from '../gateways/built-in.ts';
import type { Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';
import { METHOD_KEYS } from '../schema/request-schema.ts';

/** How far what is known of a gateway can be relied upon. */
export const PROOF: Readonly<Record<Provenance['by'], string>> = {
  captured: 'proven: from one that ran',
  source: 'not proven: from its source',
  vendor: "not proven: from its maker's documentation",
  third_party: 'not proven: from programs of others',
  own: 'your own',
};

export const TRY_IT_FIRST =
  'Run "probe" against yours, and see with dryRun: true what would be restarted, before you rely on it.';

/** Calls after which an instance needs a person, or is gone. */
const LOSES_SESSION = /logout|log-out|delete|terminate|unhealthy|clear-session|clearsession/i;
/** Names of headers whose values are secrets, as a rule. */
const LIKELY_SECRET = /auth|cookie|key|pass|secret|token/i;

/** What is dangerous in gateways of the config, and accounts whose gateway was never tried. */
export function gatewayWarnings(sources: Sources, accounts: ReadonlyMap<string, AccountConfig>): Warning[] {
  return [...unproven(sources, accounts), ...destructive(sources), ...writtenSecrets(sources)];
}

/** SmileAPI says by itself, of each answer, what it does not understand. */
function unproven({ accounts }: Sources, configs: ReadonlyMap<string, AccountConfig>): Warning[] {
  return accounts.flatMap(({ source, path, name, input }) => {
    const config = configs.get(name);
    const [found] = config === undefined ? [] : unprovenGateways([config]);
    if (found === undefined) return [];
    const message = `the gateway ${input.gateway} is ${found.proof}`;
    return [source.problemAt([...path, 'gateway'], message, TRY_IT_FIRST)];
  });
}

/** Built-in gateways that never ran beside the program, each with the accounts that use it. */
export function unprovenGateways(
  accounts: Iterable<Pick<AccountConfig, 'name' | 'gateway' | 'profile'>>,
): readonly { readonly gateway: string; readonly accounts: readonly string[]; readonly proof: string }[] {
  const found = new Map<string, { readonly gateway: string; readonly accounts: string[]; readonly proof: string }>();
  for (const { name, gateway, profile } of accounts) {
    const { by } = profile.known;
    const isBuiltIn = BUILT_IN_GATEWAYS.includes(gateway) && gateway !== 'smileapi';
    if (!isBuiltIn || by === 'captured') continue;
    const known = found.get(gateway) ?? { gateway, accounts: [], proof: PROOF[by] };
    known.accounts.push(name);
    found.set(gateway, known);
  }
  return [...found.values()];
}

function destructive({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) =>
    (input.remedies ?? []).flatMap(({ steps }, remedy) =>
      steps.flatMap((step, index) => {
        const key = METHOD_KEYS.find((each) => step[each] !== undefined) ?? 'get';
        if (key !== 'delete' && !LOSES_SESSION.test(step[key] ?? '')) return [];
        const message = 'this call may log the instance out or remove it, so that a person must pair it again';
        const at = [...path, 'remedies', remedy, 'steps', index, key];
        return [source.problemAt(at, message, 'Use a call that keeps the session.')];
      }),
    ),
  );
}

function writtenSecrets({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) =>
    Object.entries(input.headers)
      .filter(([name, value]) => LIKELY_SECRET.test(name) && !value.includes('{'))
      .map(([name]) => {
        const remedy = 'Write {token} or another {name} there, and the value into `values` of the account.';
        return source.problemAt([...path, 'headers', name], 'a secret is written here, and would be shown', remedy);
      }),
  );
}
