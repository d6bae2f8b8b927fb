import type { Provenance } from '../../gateway/profiles/profile.ts';
import { textsIn } from '../../gateway/profiles/request-values.ts';
import { placeholdersIn } from '../../gateway/profiles/templates.ts';
import { normalizeWord } from '../../gateway/profiles/words.ts';
import type { AccountConfig } from '../config.ts';
import { BUILT_IN_GATEWAYS } from '../gateways/built-in.ts';
import type { ConfigPath, Warning } from '../problems.ts';
import type { Sources } from '../read/sources.ts';
import type { GatewayInput } from '../schema/gateway-schema.ts';
import { methodKeyOf, type RequestInput } from '../schema/request-schema.ts';

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
const LOSES_SESSION = /(log|sign)[-_]?out|delete|terminate|unhealthy|unlink|unpair|clear[-_]?session/i;
/** Names of headers whose values are secrets, as a rule. */
export const LIKELY_SECRET = /auth|cookie|key|pass|secret|token/i;

/** What is dangerous in gateways of the config, and accounts whose gateway was never tried. */
export function gatewayWarnings(sources: Sources, accounts: ReadonlyMap<string, AccountConfig>): Warning[] {
  return [
    ...unproven(sources, accounts),
    ...destructive(sources),
    ...unreachable(sources),
    ...writtenSecrets(sources),
    ...unclearWords(sources),
    ...unfilled(sources),
  ];
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

/** Requests that are made again and again, and calls of remedies. */
function destructive({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) =>
    requestsIn(input).flatMap(({ at, request }) => {
      const key = methodKeyOf(request);
      const names = [request[key] ?? '', ...textsIn(request.body)];
      if (key !== 'delete' && !names.some((name) => LOSES_SESSION.test(name))) return [];
      const message = 'this call may log the instance out or remove it, so that a person must pair it again';
      return [source.problemAt([...path, ...at, key], message, 'Use a call that keeps the session.')];
    }),
  );
}

interface PlacedRequest {
  readonly at: ConfigPath;
  readonly request: RequestInput;
}

function requestsIn({ remedies, ...input }: GatewayInput): PlacedRequest[] {
  const single = (['probe', 'detail', 'health', 'list', 'send'] as const).flatMap((key): PlacedRequest[] => {
    const request = input[key];
    return request === undefined || request === null ? [] : [{ at: [key], request }];
  });
  const steps = (remedies ?? []).flatMap((remedy, index) =>
    remedy.steps.map((request, step) => ({ at: ['remedies', index, 'steps', step], request })),
  );
  return [...single, ...steps];
}

/** Of several remedies that fit a word the first is applied, so the others never are. */
function unreachable({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) => {
    const taken = new Set<string>();
    let isForAll = false;
    return (input.remedies ?? []).flatMap(({ on }, index) => {
      const words = on.map(normalizeWord);
      const isTaken = isForAll || (words.length > 0 && words.every((word) => taken.has(word)));
      isForAll ||= words.length === 0;
      for (const word of words) taken.add(word);
      const remedy = 'Put it before the one that is for all words, or for the same ones.';
      return isTaken ? [source.problemAt([...path, 'remedies', index], 'is never applied', remedy)] : [];
    });
  });
}

function writtenSecrets({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) => {
    const all = [{ at: [], request: input }, ...requestsIn(input)];
    const places = all.flatMap(({ at, request: { headers, basic } }) => [
      ...Object.entries(headers)
        .filter(([name, value]) => LIKELY_SECRET.test(name) && isLiteral(value))
        .map(([name]) => [...at, 'headers', name]),
      ...(isLiteral(basic?.[1]) ? [[...at, 'basic', 1]] : []),
    ]);
    const remedy = 'Write {token} or another {name} there, and the value into `values` of the account.';
    return places.map((place) =>
      source.problemAt([...path, ...place], 'a secret is written here, and would be shown', remedy),
    );
  });
}

function isLiteral(template: string | undefined): boolean {
  return template !== undefined && template !== '' && !template.includes('{');
}

/** Of two meanings of a word the last one would count. */
function unclearWords({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) => {
    const causes = new Map<string, string>();
    return Object.entries(input.state.words).flatMap(([cause, words]) =>
      words.flatMap((word, index) => {
        const before = causes.get(normalizeWord(word)) ?? cause;
        causes.set(normalizeWord(word), before);
        if (before === cause) return [];
        const place = [...path, 'state', 'words', cause, index];
        return [source.problemAt(place, `stands under ${before} as well`, 'Keep the word under one of the two.')];
      }),
    );
  });
}

/** What a list alone has, and a message. */
const OF_LIST: readonly string[] = ['page'];
const OF_MESSAGE: readonly string[] = ['to', 'text'];
const UNFILLED_REMEDY =
  'Only the list has {page}, and only send has {to} and {text}: choose another name for a value of the account.';

function unfilled({ gateways }: Sources): Warning[] {
  return gateways.flatMap(({ source, path, input }) => {
    const places = [
      { at: ['headers'], texts: Object.values(input.headers), has: [] },
      { at: ['basic'], texts: input.basic ?? [], has: [] },
      ...requestsIn(input).map(({ at, request }) => {
        const key = methodKeyOf(request);
        const texts = [
          request[key] ?? '',
          ...Object.values(request.headers),
          ...(request.basic ?? []),
          ...textsIn(request.body),
        ];
        return { at: [...at, key], texts, has: at[0] === 'list' ? OF_LIST : at[0] === 'send' ? OF_MESSAGE : [] };
      }),
    ];
    return places.flatMap(({ at, texts, has }) =>
      [...new Set(texts.flatMap(placeholdersIn))]
        .filter((name) => [...OF_LIST, ...OF_MESSAGE].includes(name) && !has.includes(name))
        .map((name) => source.problemAt([...path, ...at], `{${name}} is never filled in here`, UNFILLED_REMEDY)),
    );
  });
}
