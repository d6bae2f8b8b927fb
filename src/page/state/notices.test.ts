import { describe, expect, it } from 'vitest';
import { PAGE_CATALOGUE } from '../../language/en/page-catalogue.ts';
import { PAGE_CATALOGUE as PORTUGUESE } from '../../language/pt-br/page-catalogue.ts';
import { Speech } from '../speech/speech.ts';
import { PHASES } from '../../core/instance/instance.ts';
import type { StatusView } from '../../http/views/schemas.ts';
import { extentWords, lackLines, noticesOf } from './notices.ts';

const ENGLISH = new Speech('en', PAGE_CATALOGUE, 'UTC');
const byPhase = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as StatusView['instances']['byPhase'];
const account = {
  name: 'acme',
  gateway: 'smileapi',
  instances: 1,
  byPhase,
  storm: false,
  gatewayOutage: false,
  harmful: false,
  blind: false,
  silent: false,
  refused: null,
  bulk: null,
  discovery: null,
};
const CALM: StatusView = {
  version: '0.1.0',
  startedAt: '2026-01-02T00:00:00.000Z',
  now: '2026-01-02T03:00:00.000Z',
  generation: 'p-1',
  instances: { total: 1, disabled: 0, byPhase },
  accounts: [account],
  remedyTexts: {},
  ownNetwork: { up: true },
  troubles: [],
  config: {
    lastReloadSuccessful: true,
    lastSuccessAt: '2026-01-02T00:00:00.000Z',
    problems: [],
    waitingForRestart: [],
  },
  dryRun: false,
  durable: true,
  stateTrouble: null,
  unsaved: 0,
  maintenance: [],
  writable: true,
};

const titles = (status: StatusView): readonly string[] => noticesOf(status, ENGLISH).map(({ title }) => title);

describe('noticesOf', () => {
  it('has nothing to say of a calm fleet', () => {
    expect(noticesOf(CALM, ENGLISH)).toEqual([]);
  });

  it('say which replicas cannot renew their leases, and why', () => {
    const part = { accounts: 1, instances: 1, config: 'c1' };
    const replicas = [
      { ...part, replica: 'r1', leaseTrouble: null },
      { ...part, replica: 'r2', leaseTrouble: 'connect ECONNREFUSED' },
    ];
    expect(noticesOf({ ...CALM, replicas }, ENGLISH)).toMatchObject([
      { level: 'bad', title: '1 replica cannot renew its leases', details: ['r2: connect ECONNREFUSED'] },
    ]);
  });

  it('say which replicas have the same config, where not all do', () => {
    const part = { accounts: 1, instances: 1 };
    const replicas = [
      { ...part, replica: 'r1', config: 'c1' },
      { ...part, replica: 'r2', config: 'c2' },
      { ...part, replica: 'r3', config: 'c1' },
      { ...part, replica: 'of-an-older-version' },
    ];
    expect(noticesOf({ ...CALM, replicas }, ENGLISH)).toMatchObject([
      { level: 'warn', title: 'Replicas have different configs', details: ['r1, r3', 'r2'] },
    ]);
    expect(titles({ ...CALM, replicas: replicas.filter(({ replica }) => replica !== 'r2') })).toEqual([]);
  });

  it('show everything that holds restarts, the gravest first', () => {
    const status: StatusView = {
      ...CALM,
      ownNetwork: { up: false },
      accounts: [
        { ...account, storm: true },
        { ...account, name: 'beta', gatewayOutage: true },
        { ...account, name: 'gamma', harmful: true },
        { ...account, name: 'delta', blind: true },
        { ...account, name: 'epsilon', refused: 'unauthorized' },
        { ...account, name: 'zeta', silent: true },
        {
          ...account,
          name: 'eta',
          discovery: { listedAt: null, instances: 3, unusable: 0, trouble: 'it names no instance' },
        },
      ],
      dryRun: true,
      durable: false,
      unsaved: 2,
      maintenance: [{ name: 'nightly', accounts: ['acme'], instances: [] }],
    };
    expect(titles(status)).toEqual([
      "The watchdog's own network is down",
      'Gateway outage: beta',
      'Account refused: epsilon',
      'Nothing is known of delta',
      'Silent: zeta',
      'Restarts do harm: gamma',
      'Storm: acme',
      'The list of eta is not followed',
      '2 instances cannot be saved',
      'The state is not durable',
      'Dry run',
      'Maintenance: nightly',
    ]);
  });

  it('says in lines what an answer lacks, in both languages', () => {
    const changing = Array.from({ length: 30 }, (_, index) => `a${index}`);
    const missing = [{ replica: 'r2', reason: 'ECONNREFUSED' }];
    expect(lackLines({ missing, changing: ['acme'] }, ENGLISH)).toEqual([
      'No answer from 1 replica: r2',
      '1 account is changing the owner: acme',
    ]);
    expect(lackLines({ missing, changing: ['acme'] }, new Speech('pt-BR', PORTUGUESE, 'UTC'))).toEqual([
      'Sem resposta de 1 réplica: r2',
      '1 conta está mudando de réplica: acme',
    ]);
    expect(lackLines({ changing }, ENGLISH)[0]).toMatch(/^30 accounts are changing the owner: a0, .+, a19, …$/);
    expect([lackLines({}, ENGLISH), lackLines({ missing: [], changing: [] }, ENGLISH)]).toEqual([[], []]);
  });

  it('names the accounts whose owner is changing, as many as are read', () => {
    const changing = Array.from({ length: 30 }, (_, index) => `a${index}`);
    const [shown] = noticesOf({ ...CALM, changing: changing.slice(0, 1) }, ENGLISH);
    expect(shown).toMatchObject({ level: 'info', title: '1 account is changing the owner', details: ['a0'] });
    const [many] = noticesOf({ ...CALM, changing }, ENGLISH);
    expect([many?.title, many?.details.length, many?.details.at(-1)]).toEqual([
      '30 accounts are changing the owner',
      21,
      '…',
    ]);
  });

  it('offers to release an account whose restarts do harm, and nothing else', () => {
    const accounts = [
      { ...account, storm: true },
      { ...account, name: 'gamma', harmful: true },
    ];
    expect(noticesOf({ ...CALM, accounts }, ENGLISH).map(({ releases }) => releases)).toEqual(['gamma', null]);
  });

  it('says why an account is refused, and what to do', () => {
    const [shown] = noticesOf({ ...CALM, accounts: [{ ...account, refused: 'unauthorized' }] }, ENGLISH);
    expect(shown?.text).toContain('token not accepted');
    expect(shown?.details).toEqual([expect.stringContaining('make a new one')]);
  });

  it('says what to do in the words of its gateway, where that has some', () => {
    const accounts = [{ ...account, refused: 'unauthorized' as const }];
    const remedyTexts = { smileapi: { unauthorized: 'Ask Ana.' }, other: { unauthorized: 'Ask Bob.' } };
    expect(noticesOf({ ...CALM, accounts, remedyTexts }, ENGLISH)[0]?.details).toEqual(['Ask Ana.']);
  });

  it('says of a state that cannot be used only why', () => {
    const status = { ...CALM, durable: false, stateTrouble: 'it is full', unsaved: 7 };
    expect(noticesOf(status, ENGLISH)).toMatchObject([{ title: 'The state cannot be used', details: ['it is full'] }]);
  });

  it('says in the language of the page why a state cannot be used', () => {
    const stateTrouble = 'the state in /data cannot be used: Input/output error; free some space on that disk';
    const portuguese = new Speech('pt-BR', PORTUGUESE, 'UTC');
    expect(noticesOf({ ...CALM, stateTrouble }, portuguese)[0]?.details).toEqual([
      'o estado em /data não pode ser usado: Input/output error; libere espaço nesse disco',
    ]);
  });

  it('shows where a configuration that was refused is wrong, and what to do', () => {
    const problem = { file: 'c.yaml', line: 3, column: 7, path: 'guard', message: 'is no number', remedy: 'Write 5.' };
    const config = { ...CALM.config, lastReloadSuccessful: false, problems: [problem] };
    expect(noticesOf({ ...CALM, config }, ENGLISH)[0]?.details).toEqual(['c.yaml:3:7  guard: is no number. Write 5.']);
  });

  it('shows it in the language of the page', () => {
    const problem = { file: 'c.yaml', line: 3, column: 7, path: 'dryRun', message: 'is missing', remedy: 'Add it.' };
    const config = { ...CALM.config, lastReloadSuccessful: false, problems: [problem] };
    const portuguese = new Speech('pt-BR', PORTUGUESE, 'UTC');
    expect(noticesOf({ ...CALM, config }, portuguese)).toMatchObject([
      { title: 'A última recarga falhou', details: ['c.yaml:3:7  dryRun: falta. Acrescente.'] },
    ]);
  });

  it('says since when, and how many of how many are affected and held', () => {
    const since = '2026-01-02T02:00:00.000Z';
    const status = {
      ...CALM,
      accounts: [{ ...account, storm: true }],
      troubles: [{ kind: 'storm', account: 'acme', since }],
    };
    expect(noticesOf(status, ENGLISH)).toMatchObject([{ about: 'acme', since }]);
    expect(extentWords({ sick: 12, of: 40, blind: 0, silent: 0, held: 8 }, ENGLISH)).toBe(
      '12 of 40 instances are sick, 8 due restarts are held',
    );
    expect(extentWords({ sick: 1, of: 1, blind: 1, silent: 30, held: 1 }, ENGLISH)).toBe(
      '1 of 1 instance is sick, nothing is known of 1, 30 show no sign of life, 1 due restart is held',
    );
  });
});
