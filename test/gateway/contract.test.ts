import { describe, expect, it } from 'vitest';
import { BUILT_IN_GATEWAYS } from '../../src/config/gateways/built-in.ts';
import type { JsonValue } from '../../src/core/instance/instance.ts';
import { compileConditions } from '../../src/gateway/answers/conditions.ts';
import { keysOf, valueAt } from '../../src/gateway/answers/places.ts';
import { healthOf } from '../../src/gateway/answers/health.ts';
import { compileWebhooks } from '../../src/gateway/answers/webhook.ts';
import { namesStates } from '../../src/gateway/profiles/profile.ts';
import { compileRemedies } from '../../src/gateway/profiles/remedies.ts';
import { verdictOf } from '../../src/core/verdict.ts';
import { answer, builtIn, compile } from './answers.ts';
import { CAPTURED_GATEWAYS, captureNames, readCapture } from './captures.ts';

/** Situations that every gateway has to have an example of. */
const NEEDED = ['healthy', 'wrongToken', 'accepted', 'refused'];
/** What it sends by itself. */
const WEBHOOKS = ['event', 'message'];

describe.each(BUILT_IN_GATEWAYS)('the gateway %s', (name) => {
  const profile = builtIn(name);
  const { examples, health, list, webhook } = profile;
  const classifier = () => compile({}, profile);
  const example = (situation: string) => {
    const { status = 0, body = null } = examples[situation] ?? {};
    return answer(JSON.stringify(body), { status });
  };
  const has = (situation: string): boolean => Object.hasOwn(examples, situation);
  const probe = (situation: string) => classifier().probe(example(situation));
  /** The list of its example, with the items of the instances `one` and `two`. */
  const listed = (situation: string) => {
    let number = 0;
    const text = JSON.stringify(examples[situation]?.body).replaceAll(/"\{(id|token)\}"/g, (_, what: string) => {
      // The token of an item comes after its id.
      if (what === 'id') number += 1;
      const name = ['one', 'two'][number - 1] ?? '';
      return JSON.stringify(what === 'id' ? name : `token-of-${name}`);
    });
    const items = valueAt(JSON.parse(text), keysOf(list?.items ?? '')) as unknown[];
    return { items, result: classifier().list(answer(text)) };
  };

  it('is known from captures where there are some, and only there', () => {
    expect(profile.known.by === 'captured').toBe(CAPTURED_GATEWAYS.includes(name));
  });

  it('says what it answers', () => {
    const needed = [...NEEDED, ...(health === null ? [] : ['health']), ...(list === null ? [] : ['list'])];
    const sent = WEBHOOKS.filter((each) => (webhook?.[each as 'event' | 'message'] ?? null) !== null);
    expect([...needed, ...sent].filter((situation) => !has(situation))).toEqual([]);
  });

  it.runIf(webhook)('names the instance in its webhooks, and what happened', () => {
    const { ofAccount } = compileWebhooks(profile);
    const found = WEBHOOKS.filter(has).map((each) => {
      const body = examples[each]?.body;
      return [ofAccount?.idsIn(body)[0], ofAccount?.kindOf(body, null)];
    });
    const kinds = WEBHOOKS.filter(has).map((each) => ['{id}', each === 'event' ? 'connection' : 'message']);
    expect(found).toEqual(kinds);
    expect(ofAccount?.kindOf(examples['healthy']?.body, null)).toBe('other');
  });

  it('is understood when all is well, and only then', () => {
    expect(probe('healthy')).toEqual({ cause: 'connected', detail: null, retryAfter: null });
    const healthy = Object.keys(examples).filter(
      (each) =>
        !['accepted', 'list', 'health', ...WEBHOOKS].includes(each) && verdictOf(probe(each).cause) === 'healthy',
    );
    expect(healthy).toEqual(['healthy']);
  });

  it.runIf(has('lost'))('is restarted when an instance is lost', () => {
    const { cause, word = null } = probe('lost');
    expect(verdictOf(cause)).toBe('unhealthy');
    expect(compileRemedies(profile.remedies)(word)?.steps.length).toBeGreaterThan(0);
  });

  it.each([
    ['connecting', 'connecting'],
    ['pairing', 'pairing_required'],
    ['banned', 'banned'],
    ['wrongToken', 'unauthorized'],
  ])('says of %s: %s', (situation, cause) => {
    if (has(situation)) expect(probe(situation).cause).toBe(cause);
  });

  it.runIf(has('unknown'))('makes no instance that it does not know', () => {
    const { cause, knownOnly } = probe('unknown');
    expect(cause === 'not_found' || knownOnly === true).toBe(true);
  });

  it('has its restarts accepted and refused', () => {
    expect(classifier().restart(example('accepted'))).toMatchObject({ outcome: 'accepted', refusal: null });
    expect(classifier().restart(example('refused')).outcome).toBe('rejected');
    expect(classifier().restart(example('wrongToken'))).toMatchObject({ outcome: 'rejected', refusal: 'unauthorized' });
  });

  it.runIf(health)('is up when its own route says so', () => {
    expect(healthOf(example('health'), compileConditions(health?.ok ?? {}))).toBe('up');
  });

  it.runIf(list)('names its instances, and how they are where it says that', () => {
    const isStated = list !== null && namesStates(list);
    const { items, result } = listed('list');
    expect(items.map((item) => valueAt(item, keysOf(list?.id ?? '')))).toEqual(isStated ? ['one', 'two'] : ['one']);
    const [one, two] = result.type === 'listed' ? result.instances : [];
    expect(one).toEqual({
      ...{ id: 'one', cause: isStated ? 'connected' : null },
      token: list?.token === null ? null : 'token-of-one',
    });
    if (isStated) expect(verdictOf(two?.cause ?? 'connected')).toBe('unhealthy');
  });

  it.runIf(list)('is not believed to have no instances where it refuses to list them', () => {
    const refused = classifier().list(example('wrongToken'));
    expect(refused).toMatchObject({ type: 'failed', cause: 'unauthorized' });
    for (const body of ['{}', 'null', '{"data":{}}', '', '<html></html>'])
      expect(classifier().list(answer(body)).type).toBe('failed');
  });

  it.runIf(CAPTURED_GATEWAYS.includes(name))('answers in its examples as in its captures', () => {
    const captured = new Set(
      captureNames(name).flatMap((each) => {
        const found = readCapture(name, each).answer;
        return found === null || !/json/.test(found.contentType ?? '')
          ? []
          : [shapeOf(JSON.parse(String(found.body)) as JsonValue)];
      }),
    );
    const invented = Object.entries(examples).filter(
      // Of lists and of the gateway itself only the places that are read stand there; webhooks are no answers.
      ([situation, { body }]) =>
        !['list', 'health', ...WEBHOOKS, ...(UNSEEN[name] ?? [])].includes(situation) && !captured.has(shapeOf(body)),
    );
    expect(invented.map(([situation]) => situation)).toEqual([]);
  });
});

/** Situations into which the captured gateway could not be brought. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = { waha: ['wrongToken'] };

/** The keys of a body and the types of their values. */
function shapeOf(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => shapeOf(item)).join()}]`;
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return `{${Object.entries(value)
    .map(([key, each]) => `${key}:${shapeOf(each)}`)
    .toSorted()
    .join()}}`;
}
