import { z } from 'zod';
import { HOUR } from '../../core/time.ts';
import type { JsonValue } from '../../core/instance/instance.ts';
import { isExpected } from '../values/conditions.ts';
import { headerName, reportEqualHeaders } from '../values/headers.ts';
import { durationText, mistake, patternText } from '../values/scalars.ts';

/** A request to a gateway, as its description writes it. */

/** Keys of a request that say its method; `auto`: the gateway does not say which. */
const METHOD_KEYS = ['get', 'post', 'put', 'patch', 'delete', 'auto'] as const;
type MethodKey = (typeof METHOD_KEYS)[number];

const REQUEST_REMEDY =
  'Write one of get, post, put, patch, delete or auto with the path, such as get: "/instances/{id}".';

/** Headers, and basic authentication, as templates. */
export const templates = z
  .record(headerName(), templateText('A value; {token} and other {names} are filled in.'))
  .superRefine(reportEqualHeaders)
  .prefault({})
  // They hold placeholders, not secrets: those stand in `values` of the account.
  .meta({ description: 'Headers, with {token} and other {names} filled in.', secret: false });

export const basic = z
  .array(templateText('User or password.'))
  .length(2)
  .optional()
  .meta({ description: 'User and password of basic authentication, such as ["{username}", "{token}"].' });

const requestKeys = {
  ...Object.fromEntries(METHOD_KEYS.map((key) => [key, pathTemplate(describeMethod(key)).optional()])),
  headers: templates,
  basic,
  body: z
    .unknown()
    .superRefine((value, ctx) => {
      if (value !== undefined && !isJson(value))
        mistake(ctx, 'is no JSON', 'Write texts, numbers, lists and mappings.');
    })
    .optional()
    .meta({ description: 'Body, sent as JSON; {names} in its texts are filled in.' }),
} as unknown as RequestKeys;

type RequestKeys = Record<MethodKey, z.ZodOptional<z.ZodString>> & {
  readonly headers: typeof templates;
  readonly basic: typeof basic;
  readonly body: z.ZodOptional<z.ZodType<JsonValue>>;
};

/** One call of a remedy. */
export const step = requestWith({
  mayFail: z.boolean().default(false).meta({ description: 'true: the remedy goes on although this call was refused.' }),
  wait: durationText({ description: 'Time between its answer and the next call, at most 1h.' }, { orZero: true })
    .refine((wait) => wait <= HOUR, {
      error: 'must be at most 1h',
      params: { remedy: 'All calls of a remedy are one restart: choose a shorter time.' },
    })
    .prefault('0s'),
});

export type RequestInput = Omit<StepInput, 'mayFail' | 'wait'>;
export type StepInput = z.output<typeof step>;

/** A request with more keys beside its own. */
export function requestWith<T extends z.core.$ZodLooseShape>(keys: T) {
  return z.strictObject({ ...requestKeys, ...keys }).superRefine(reportMethods);
}

/** The key that says its method; one that says none was reported. */
export function methodKeyOf(request: Pick<RequestInput, MethodKey>): MethodKey {
  return METHOD_KEYS.find((key) => request[key] !== undefined) ?? 'get';
}

/** A request has one method. */
function reportMethods(value: object, ctx: z.RefinementCtx): void {
  const [first, second] = METHOD_KEYS.filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  if (first === undefined) mistake(ctx, 'says no method and path', REQUEST_REMEDY);
  if (second === undefined) return;
  mistake(ctx, `"${String(first)}" and "${second}" exclude each other`, 'Keep one of the two.', second);
}

function describeMethod(key: string): string {
  return key === 'auto'
    ? 'Path of a call whose method the gateway does not document; it is the `restartMethod` of the account.'
    : `Path of a ${key.toUpperCase()}, with {id} and other {names} filled in; a query may follow.`;
}

function pathTemplate(description: string) {
  return patternText(
    /^\/[^\s#]*$/,
    '{value} is not the path of a URL',
    'Begin it with "/", such as "/instances/{id}/status".',
    { description },
  ).superRefine(reportPlaceholders);
}

function templateText(description: string) {
  return z
    .string()
    .max(4_096)
    .superRefine((text, ctx) => {
      if (!/^[\x20-\x7e]*$/.test(text)) mistake(ctx, 'holds a character outside ASCII', 'Copy it again.');
    })
    .superRefine(reportPlaceholders)
    .meta({ description });
}

function reportPlaceholders(text: string, ctx: z.RefinementCtx): void {
  const rest = text.replaceAll(/\{[A-Za-z]\w*\}/g, '');
  if (/[{}]/.test(rest))
    mistake(ctx, '{value} holds a brace without a name in it', 'Write {id}, {token} or another {name}.');
}

function isJson(value: unknown): value is JsonValue {
  if (isExpected(value)) return true;
  return typeof value === 'object' && Object.values(value).every(isJson);
}
