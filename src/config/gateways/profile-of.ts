import {
  type BasicLogin,
  type GatewayRequest,
  type InstanceList,
  type Profile,
  type Provenance,
  type Rule,
  type Step,
  METHODS,
} from '../../gateway/profiles/profile.ts';
import { namesLogin } from '../../gateway/profiles/templates.ts';
import { normalizeWord } from '../../gateway/profiles/words.ts';
import { methodKeyOf, type RequestInput, type StepInput } from '../schema/request-schema.ts';
import type { GatewayInput } from '../schema/gateway-schema.ts';

/** What is missing in a gateway that extends nothing, or only one that lacks it as well. */
export type Incomplete = { readonly missing: 'probe' | 'remedies' };

/**
 * The profile that a description makes, with what it leaves out taken from `base`. Rules come before those of the base;
 * words and headers are added to its own; everything else takes the place of what the base has.
 */
export function profileOf(name: string, input: GatewayInput, base: Profile | null): Profile | Incomplete {
  const probe = input.probe === undefined ? base?.probe : requestOf(input.probe);
  const remedies = input.remedies?.map(({ steps, ...remedy }) => ({ ...remedy, steps: steps.map(stepOf) }));
  if (probe === undefined) return { missing: 'probe' };
  if (remedies === undefined && base === null) return { missing: 'remedies' };
  const { state, health, list, detail, webhook } = input;
  return {
    name,
    known: knownBy(input),
    baseUrl: input.baseUrl?.replace(/\/+$/, '') ?? base?.baseUrl ?? null,
    headers: { ...base?.headers, ...input.headers },
    basic: loginOf(input.basic) ?? (namesLogin(input.headers) ? null : (base?.basic ?? null)),
    probe,
    detail: replaced(detail, base?.detail, ({ on, rules, ...request }) => {
      return { on, request: requestOf(request), rules: rulesOf(rules) };
    }),
    health: replaced(health, base?.health, ({ ok, ...request }) => {
      return { request: requestOf(request), ok: ok as NonNullable<Profile['health']>['ok'] };
    }),
    list: replaced(list, base?.list, listOf),
    rules: [...rulesOf(input.rules), ...(base?.rules ?? [])],
    state: {
      at: state.at ?? base?.state.at ?? [],
      connectedAt: state.connectedAt ?? base?.state.connectedAt ?? [],
      words: withWords(base?.state.words ?? {}, state.words),
      responding: state.responding ?? base?.state.responding ?? [],
    },
    remedies: remedies ?? base?.remedies ?? [],
    refused: [...input.refused.map(({ is = null, ...rule }) => ({ ...rule, is })), ...(base?.refused ?? [])],
    webhook: replaced(webhook, base?.webhook, ({ id, event = null, message = null, sent = null }) => {
      return { id: [id].flat(), event, message, sent };
    }),
    send: replaced(input.send, base?.send, ({ toSelf, ...request }) => ({ ...requestOf(request), toSelf })),
    activityAt: input.activityAt ?? base?.activityAt ?? null,
    remedyTexts: { ...base?.remedyTexts, ...input.remedyTexts },
    // What stands in a file of YAML is JSON.
    examples: { ...base?.examples, ...(input.examples as Profile['examples']) },
  };
}

function knownBy({ known }: GatewayInput): Provenance {
  if (known === undefined) return { by: 'own', versions: null, sources: [], note: null };
  return { ...known, versions: known.versions ?? null, note: known.note ?? null };
}

/** Null takes away what the base has; undefined keeps it. */
function replaced<I, P>(input: I | null | undefined, base: P | null | undefined, make: (input: I) => P): P | null {
  if (input === undefined) return base ?? null;
  return input === null ? null : make(input);
}

function requestOf({ headers, basic, body, ...paths }: RequestInput): GatewayRequest {
  const key = methodKeyOf(paths);
  const method = METHODS.find((each) => each.toLowerCase() === key) ?? 'auto';
  const login = loginOf(basic);
  return {
    method,
    path: paths[key] ?? '/',
    headers,
    ...(body === undefined ? {} : { body }),
    ...(login === null ? {} : { basic: login }),
  };
}

function stepOf({ mayFail, wait, ...request }: StepInput): Step {
  return { ...requestOf(request), mayFail, wait };
}

function loginOf(basic: readonly string[] | undefined): BasicLogin | null {
  const [user, password] = basic ?? [];
  return user === undefined || password === undefined ? null : [user, password];
}

function listOf({
  items,
  id,
  state,
  token,
  rules,
  partial,
  lacksToken,
  pages,
  ...request
}: NonNullable<GatewayInput['list']>): InstanceList {
  return {
    request: requestOf(request),
    items: items ?? '',
    id: id ?? '',
    state: state ?? null,
    token: token ?? null,
    rules: rulesOf(rules),
    partial,
    lacksToken,
    pages: pages === undefined ? null : { ...pages, count: pages.count ?? null, total: pages.total ?? null },
  };
}

function rulesOf(rules: GatewayInput['rules']): Rule[] {
  return rules.map(({ word = null, ...rule }) => ({ ...rule, word }));
}

/** A word that is given a meaning loses the one that it had. */
function withWords(base: Profile['state']['words'], own: Profile['state']['words']): Profile['state']['words'] {
  const taken = new Set(Object.values(own).flat().map(normalizeWord));
  const words: Record<string, readonly string[]> = {};
  for (const [cause, spellings] of Object.entries(base)) {
    words[cause] = spellings.filter((word) => !taken.has(normalizeWord(word)));
  }
  for (const [cause, spellings] of Object.entries(own)) words[cause] = [...(words[cause] ?? []), ...spellings];
  return words;
}
