import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import { parseScenario } from './scenario.ts';

describe('a scenario', () => {
  it('is read one sentence per line', () => {
    const text = [
      '# a comment',
      '',
      'seed 7',
      'restart heals after 40s with chance 0.8  # usually',
      'at 0 all disconnected for 20m',
      'at 5m support flaps every 3m until 2h',
      'at 10m 60% unauthorized',
      'at 1h gateway down for 20m',
      'at 2h network down for 10m',
      'for 5h',
    ].join('\n');
    expect(parseScenario(text)).toEqual({
      seed: 7,
      lasts: 5 * HOUR,
      cure: { after: 40 * SECOND, chance: 0.8 },
      happenings: [
        { type: 'become', at: 0, line: 5, who: { type: 'all' }, cause: 'disconnected', lasts: 20 * MINUTE },
        {
          type: 'flap',
          at: 5 * MINUTE,
          line: 6,
          who: { type: 'one', name: 'support' },
          period: 3 * MINUTE,
          until: 2 * HOUR,
        },
        {
          type: 'become',
          at: 10 * MINUTE,
          line: 7,
          who: { type: 'share', share: 0.6 },
          cause: 'unauthorized',
          lasts: null,
        },
        { type: 'gateway', at: HOUR, line: 8, cause: 'refused', lasts: 20 * MINUTE },
        { type: 'network', at: 2 * HOUR, line: 9, lasts: 10 * MINUTE },
      ],
    });
  });

  it('may happen to any single instance', () => {
    const scenario = parseScenario('at 5m any disconnected');
    expect(scenario).toMatchObject({ happenings: [{ type: 'become', who: { type: 'any' } }] });
  });

  it('goes on for two hours after its last line when it does not say how long', () => {
    expect(parseScenario('at 10m gateway timeout for 20m')).toMatchObject({ lasts: 150 * MINUTE });
  });

  it.each([
    ['nonsense', /not understood/],
    ['at 5x all disconnected', /5x is no duration/],
    ['at 5m all stalled', /stalled is no cause that a gateway can give/],
    ['restart heals after 5s with chance 2', /from 0 to 1/],
    ['at 5m gateway down', /not understood/],
    ['at 5m a flaps every 0s until 1h', /0s is no duration/],
  ])('refuses %j', (line, message) => {
    expect(parseScenario(`# first\n${line}`)).toEqual([{ line: 2, message: expect.stringMatching(message) as string }]);
  });
});
