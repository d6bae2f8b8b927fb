import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { HandClock } from '../../test/gateway/wire.ts';
import { DAY } from '../core/time.ts';
import { FRESH_AGE, Names, USUAL_AGE } from './names.ts';

const V4: LookupAddress = { address: '192.0.2.1', family: 4 };
const V6: LookupAddress = { address: '2001:db8::1', family: 6 };
const noServer = () => Object.assign(new Error('temporary failure'), { code: 'EAI_AGAIN' });
const noName = () => Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });

type Answer = readonly LookupAddress[] | Error | 'never';

/** Names whose lookups give what `answers` holds at that moment. */
function world(initial: Answer = [V4]) {
  const clock = new HandClock();
  const asked: string[] = [];
  const answers = { now: initial };
  const resolve = (name: string): Promise<readonly LookupAddress[]> => {
    asked.push(name);
    if (answers.now === 'never') return new Promise(() => undefined);
    return answers.now instanceof Error ? Promise.reject(answers.now) : Promise.resolve(answers.now);
  };
  return { clock, asked, answers, names: new Names({ resolve, clock, slots: 2 }) };
}

describe('the addresses of a name', () => {
  it('are looked up once for all requests at the same time, and remembered for seconds', async () => {
    const { names, asked, clock } = world();
    const together = await Promise.all([names.addresses('gw', USUAL_AGE), names.addresses('gw', FRESH_AGE)]);
    expect(together).toEqual([[V4], [V4]]);
    clock.pass(USUAL_AGE);
    await names.addresses('gw', USUAL_AGE);
    expect(asked).toEqual(['gw']);
    await names.addresses('gw', FRESH_AGE);
    expect(asked).toEqual(['gw', 'gw']);
  });

  it('are remembered as missing for seconds, too', async () => {
    const { names, asked } = world(noName());
    for (let time = 0; time < 2; time += 1) {
      await expect(names.addresses('gw', USUAL_AGE)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    }
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['fail', noServer()],
    ['do not answer', 'never'],
  ])('are the last known ones while the name servers %s, for a day', async (_what, trouble) => {
    const { names, clock, answers } = world();
    await names.addresses('gw', USUAL_AGE);
    answers.now = trouble;
    clock.pass(DAY);
    const stale = names.addresses('gw', FRESH_AGE);
    clock.pass(1_800);
    expect(await stale).toEqual([V4]);
    clock.pass(1_000);
    const tooOld = names.addresses('gw', FRESH_AGE);
    clock.pass(5_000);
    await expect(tooOld).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });

  it('are gone as soon as a name server says that there is no such name', async () => {
    const { names, clock, answers } = world();
    await names.addresses('gw', USUAL_AGE);
    answers.now = noName();
    clock.pass(USUAL_AGE + 1);
    await expect(names.addresses('gw', USUAL_AGE)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('are waited for 5 s at most where nothing is known', async () => {
    const { names, clock } = world('never');
    const found = names.addresses('gw', USUAL_AGE);
    clock.pass(5_000);
    await expect(found).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });

  it('begin with the family that a connection was made to', async () => {
    const { names } = world([V6, V4]);
    expect(await names.addresses('gw', USUAL_AGE)).toEqual([V6, V4]);
    names.connected('gw', 4);
    expect(await names.addresses('gw', USUAL_AGE)).toEqual([V4, V6]);
  });

  it.each([true, false])('serve as the lookup of a connection (all: %s)', async (all) => {
    const { names } = world([V4, V6]);
    const found = await new Promise((resolve) => {
      names.lookup('gw', { all }, (...answer) => resolve(answer));
    });
    expect(found).toEqual(all ? [null, [V4, V6]] : [null, V4.address, 4]);
  });
});

describe('names whose servers do not answer', () => {
  it('do not hold up other names', async () => {
    const { names, clock, answers } = world(noServer());
    const dead = ['a', 'b', 'c'];
    await Promise.allSettled(dead.map((name) => names.addresses(name, USUAL_AGE)));
    clock.pass(USUAL_AGE + 1);
    answers.now = 'never';
    for (const name of dead) names.addresses(name, USUAL_AGE).catch(() => undefined);
    answers.now = [V4];
    expect(await names.addresses('good', USUAL_AGE)).toEqual([V4]);
  });
});
