import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { parseScenario } from './scenario.ts';

const ALL = { type: 'all', of: null };

/** What happens in a scenario, without where it stands in the text. */
function happenings(text: string): unknown {
  const scenario = parseScenario(text);
  if (!('happenings' in scenario)) return scenario;
  return scenario.happenings.map(({ line: _, text: __, at, since, ...rest }) => ({
    ...{ at, ...rest },
    ...(since !== at && { since }),
  }));
}

function expectations(text: string): unknown {
  const scenario = parseScenario(text);
  return 'expectations' in scenario ? scenario.expectations.map(({ line: _, text: __, ...rest }) => rest) : scenario;
}

describe('a scenario', () => {
  it('is read one sentence per line', () => {
    const text = [
      '# a comment',
      '',
      'seed 7',
      'at 0 all disconnected for 20m  # they come back by themselves',
      'at 5m support flaps every 3m until 2h',
      'at 10m 60% unauthorized',
      'at 1h gateway down for 20m',
      'at 2h network down for 10m',
      'for 5h',
    ].join('\n');
    expect(parseScenario(text)).toMatchObject({
      seed: 7,
      lasts: 5 * HOUR,
      startsAt: null,
      expectations: [],
      happenings: [
        { line: 4, text: 'at 0 all disconnected for 20m', at: 0, type: 'become', who: ALL, cause: 'disconnected' },
        { line: 5, at: 5 * MINUTE, type: 'flap', who: { type: 'one', name: 'support' }, period: 3 * MINUTE },
        { line: 6, at: 10 * MINUTE, type: 'become', who: { type: 'share', share: 0.6, of: null }, lasts: null },
        { line: 7, at: HOUR, type: 'gateway', origin: null, cause: 'refused', lasts: 20 * MINUTE },
        { line: 8, at: 2 * HOUR, type: 'network', lasts: 10 * MINUTE },
      ],
    });
  });

  it.each([
    ['all', ALL],
    ['each', { type: 'each', of: null }],
    ['any', { type: 'any', of: null }],
    ['another', { type: 'another', of: null }],
    ['25%', { type: 'share', share: 0.25, of: null }],
    ['support', { type: 'one', name: 'support' }],
    ['account acme', { type: 'all', of: { type: 'account', name: 'acme' } }],
    ['any of account acme', { type: 'any', of: { type: 'account', name: 'acme' } }],
    ['50% of account acme', { type: 'share', share: 0.5, of: { type: 'account', name: 'acme' } }],
    ['all of gateway https://G.example/v1', { type: 'all', of: { type: 'gateway', origin: 'https://g.example' } }],
  ])('can be about %s', (words, who) => {
    expect(happenings(`at 5m ${words} disconnected`)).toMatchObject([{ type: 'become', who }]);
  });

  it('says what a restart does, to whom and from when on', () => {
    const text = [
      'restart heals after 40s with chance 0.8',
      'restart of support heals after 3m by way of not_found for 30s',
      'at 10m restart of any harms',
      'restart harms after 20s as banned',
      'restart of account acme lies',
      'restart is refused',
      'restart is refused once with 404',
      'restart is refused 3 times with 401',
      'at 1h restart is refused for 20m with 405',
      'restart takes 90s',
    ].join('\n');
    const heals = { type: 'heals', after: 40 * SECOND, chance: 0.8, by: 'connecting', lasts: null };
    expect(happenings(text)).toMatchObject([
      { at: 0, type: 'restart', who: ALL, change: heals },
      { change: { after: 3 * MINUTE, chance: 1, by: 'not_found', lasts: 30 * SECOND } },
      { at: 10 * MINUTE, who: { type: 'any' }, change: { type: 'harms', after: 0, as: 'pairing_required' } },
      { change: { type: 'harms', after: 20 * SECOND, as: 'banned' } },
      { who: { of: { name: 'acme' } }, change: { type: 'lies' } },
      { change: { type: 'refused', times: null, lasts: null, status: 409 } },
      { change: { type: 'refused', times: 1, status: 404 } },
      { change: { type: 'refused', times: 3, status: 401 } },
      { at: HOUR, change: { type: 'refused', times: null, lasts: 20 * MINUTE, status: 405 } },
      { change: { type: 'takes', takes: 90 * SECOND } },
    ]);
  });

  it('says what gateways answer, and what their health routes do, one by one or all', () => {
    const text = [
      'at 5m gateway https://g.example server_error for 20m',
      'at 6m gateway health down for 10m',
      'at 7m gateway https://g.example health missing',
    ].join('\n');
    expect(happenings(text)).toMatchObject([
      { type: 'gateway', origin: 'https://g.example', cause: 'server_error', lasts: 20 * MINUTE },
      { type: 'health', origin: null, health: 'down', lasts: 10 * MINUTE },
      { type: 'health', origin: 'https://g.example', health: 'unknown', lasts: null },
    ]);
  });

  it('says what people and other programs do', () => {
    const text = [
      'at 1m somebody mends support',
      'at 2m somebody pauses all for 2h',
      'at 3m somebody resumes account acme',
      'at 4m somebody resets support',
      'at 5m somebody asks for a restart of any',
      'at 6m somebody forces a restart of any',
      'at 7m an alert BotSilent asks for a restart of all',
      'at 8m somebody releases account acme',
    ].join('\n');
    expect(happenings(text)).toMatchObject([
      { type: 'mend', who: { name: 'support' } },
      { type: 'request', who: ALL, request: { type: 'pause', lasts: 2 * HOUR } },
      { type: 'request', who: { of: { type: 'account' } }, request: { type: 'resume' } },
      { type: 'request', request: { type: 'reset' } },
      { type: 'request', request: { type: 'restart' } },
      { type: 'request', request: { type: 'forced_restart' } },
      { type: 'request', request: { type: 'alert', name: 'BotSilent' } },
      { type: 'request', who: { of: { type: 'account', name: 'acme' } }, request: { type: 'release' } },
    ]);
  });

  it('repeats what comes again, and remembers when it was for the first time', () => {
    expect(happenings('every 10m from 1h until 1h25m any connecting for 1m')).toMatchObject([
      { at: HOUR },
      { at: 70 * MINUTE, since: HOUR },
      { at: 80 * MINUTE, since: HOUR },
    ]);
  });

  it.each([
    ['start at 23:50', '2026-01-01T23:50:00.000Z'],
    ['start at 6:05 in America/Sao_Paulo', '2026-01-01T09:05:00.000Z'],
    ['start at 23:50 on 2026-07-01 in Europe/Berlin', '2026-07-01T21:50:00.000Z'],
    // Clocks go from 2:00 to 3:00.
    ['start at 02:30 on 2026-03-29 in Europe/Berlin', '2026-03-29T01:00:00.000Z'],
    // Clocks go from 3:00 back to 2:00.
    ['start at 02:30 on 2026-10-25 in Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ])('begins at a time of day: %s', (line, time) => {
    expect(parseScenario(line)).toMatchObject({ startsAt: Date.parse(time) });
  });

  it('says what is expected, at the end or at a time', () => {
    const text = [
      'expect restarts <= 1',
      'expect restarts of support = 0',
      'expect healed of any >= 1',
      'expect recovered > 2',
      'expect downtime of 50% < 15m',
      'expect notifications <= 3',
      'expect notifications needs_human = 1',
      'expect held by storm',
      'expect never held by budget of support',
      'expect phase of support = needs_human',
      'expect cause of all = own_network',
      'at 20m expect restarts = 0',
    ].join('\n');
    expect(expectations(text)).toEqual([
      { at: null, type: 'restarts', who: ALL, is: '<=', limit: 1 },
      { at: null, type: 'restarts', who: { type: 'one', name: 'support' }, is: '=', limit: 0 },
      { at: null, type: 'healed', who: { type: 'any', of: null }, is: '>=', limit: 1 },
      { at: null, type: 'recovered', who: ALL, is: '>', limit: 2 },
      { at: null, type: 'downtime', who: { type: 'share', share: 0.5, of: null }, is: '<', limit: 15 * MINUTE },
      { at: null, type: 'notifications', topic: null, is: '<=', limit: 3 },
      { at: null, type: 'notifications', topic: 'needs_human', is: '=', limit: 1 },
      { at: null, type: 'held', who: ALL, hold: 'storm', ever: true },
      { at: null, type: 'held', who: { type: 'one', name: 'support' }, hold: 'budget', ever: false },
      { at: null, type: 'phase', who: { type: 'one', name: 'support' }, phase: 'needs_human' },
      { at: null, type: 'cause', who: ALL, cause: 'own_network' },
      { at: 20 * MINUTE, type: 'restarts', who: ALL, is: '=', limit: 0 },
    ]);
  });

  it('goes on for two hours after its last line when it does not say how long', () => {
    expect(parseScenario('at 10m gateway timeout for 20m')).toMatchObject({ lasts: 150 * MINUTE });
    expect(parseScenario('at 3h expect restarts = 0')).toMatchObject({ lasts: 5 * HOUR });
    expect(parseScenario('expect restarts = 0')).toMatchObject({ lasts: 2 * HOUR });
  });

  it.each([
    ['nonsense', /not understood.*seed NUMBER.*at DURATION …/],
    ['at 5m any sleeps well', /not understood.*WHO CAUSE \[for DURATION\]/],
    ['expect wonders', /not understood.*expect held by HOLD/],
    ['at 5x all disconnected', /5x is no duration/],
    ['at 5m all stalled', /stalled is no cause that a gateway can give/],
    ['restart heals after 5s with chance 2', /from 0 to 1/],
    ['restart of any is refused with 500', /500 refuses nothing.*401, 404 or 409/],
    ['at 5m gateway down', /not understood/],
    ['at 5m gateway https://g.example disconnected', /all of gateway https:\/\/g.example/],
    ['at 5m gateway g.example timeout for 5m', /g.example is no address of a gateway.*https:/],
    ['at 5m a flaps every 0s until 1h', /0s is no duration/],
    ['every 10m from 2h until 1h any disconnected', /never happens/],
    ['every 1ms from 1h until 2h any disconnected', /3600001 times, and 10000 at most/],
    ['start at 25:00', /25:00 is no time of day/],
    ['start at 12:00 on 2026-02-30', /2026-02-30 is no date/],
    ['start at 12:00 in Mars/Olympus', /Mars\/Olympus is no time zone/],
    ['expect restarts =< 1', /=< is no comparison.*<=/],
    ['expect restarts <= many', /many is no whole number/],
    ['expect notifications fire <= 1', /fire is no topic.*needs_human/],
    ['expect held by glue', /glue is no hold.*cooldown/],
    ['expect phase of all = fine', /fine is no phase.*healthy/],
    ['expect cause of all = fine', /fine is no cause/],
  ])('refuses %j', (line, message) => {
    expect(parseScenario(`# first\n${line}`)).toEqual([{ line: 2, message: expect.stringMatching(message) as string }]);
  });

  it('refuses what is expected after its end', () => {
    expect(parseScenario('for 1h\nat 2h expect restarts = 0')).toEqual([
      { line: 2, message: expect.stringContaining('after the end') as string },
    ]);
  });

  it('reports all mistakes at once, in the order of the lines', () => {
    const problems = parseScenario('for 1h\nat 2h expect restarts = 0\nnonsense\nat 5x all disconnected');
    expect(problems).toMatchObject([{ line: 2 }, { line: 3 }, { line: 4 }]);
  });
});
