import { describe, expect, it } from 'vitest';
import { answer, builtIn, compile } from '../../../test/gateway/answers.ts';
import { MOST_LISTED, type ListResult } from '../gateway.ts';
import type { InstanceList, ListPages, Profile } from '../profiles/profile.ts';
import type { Answer } from '../answers/answer.ts';
import { LIST_LIMIT } from './list.ts';
import { MOST_PAGES } from './pages.ts';

const NO_PAGES: ListPages = { first: 1, count: null, total: null };

/** Evolution's, if its states were believed. */
const believed = (): Profile => {
  const profile = builtIn('evolution');
  return { ...profile, list: profile.list && { ...profile.list, state: 'connectionStatus' } };
};
const evolution = (body: unknown, rest?: Parameters<typeof answer>[1]) =>
  compile({}, believed()).list(answer(body, rest));
const ids = (body: unknown): readonly string[] => {
  const result = evolution(body);
  return result.type === 'listed' ? result.instances.map(({ id }) => id) : [];
};

describe('the list of a gateway', () => {
  it('says what its rules and words say, and nothing of words that it does not know', () => {
    const items = [
      { name: 'one', connectionStatus: 'open' },
      { name: 'two', connectionStatus: 'close', disconnectionReasonCode: 401 },
      { name: 'three', connectionStatus: 'asleep' },
      { name: 'four' },
    ];
    expect(evolution(items)).toEqual({
      type: 'listed',
      unusable: 0,
      instances: [
        { id: 'one', token: null, cause: 'connected' },
        { id: 'two', token: null, cause: 'pairing_required' },
        { id: 'three', token: null, cause: null },
        { id: 'four', token: null, cause: null },
      ],
    });
  });

  it('that says the same as the last one means the same, and no longer than that', () => {
    const classifier = compile({}, believed());
    const list = (listed: Answer): ListResult => classifier.list(listed);
    const [open, closed] = ['open', 'close'].map((connectionStatus) => answer([{ name: 'one', connectionStatus }]));
    const first = list(open!);
    expect(list(open!)).toBe(first);
    expect(list({ ...open!, status: 500 })).toMatchObject({ type: 'failed' });
    expect(list(closed!)).toMatchObject({ instances: [{ cause: 'disconnected' }] });
    expect(list(open!)).toEqual(first);
  });

  it('understands the state words of the account', () => {
    const classifier = compile({ stateWords: { asleep: 'stopped' } }, believed());
    const result = classifier.list(answer([{ name: 'three', connectionStatus: 'asleep' }]));
    expect(result).toMatchObject({ instances: [{ cause: 'stopped' }] });
  });

  it('gives a word the meaning that the account gives it, however the two are written', () => {
    const states = { stateWords: { Open: 'stopped', READY: 'connected' } } as const;
    const profile = {
      ...believed(),
      state: { ...believed().state, words: { connected: ['OPEN'], stopped: ['Ready'] } },
    };
    const items = ['OPEN', 'open', 'o-pen', 'Ready', 'ready'].map((connectionStatus, index) => {
      return { name: `n${index}`, connectionStatus };
    });
    const result = compile(states, profile).list(answer(items));
    const causes = result.type === 'listed' ? result.instances.map(({ cause }) => cause) : [];
    expect(causes).toEqual(['stopped', 'stopped', 'stopped', 'connected', 'connected']);
  });

  it('takes an id that stands there twice once, and believes neither state', () => {
    const items = [
      { name: 'one', connectionStatus: 'open' },
      { name: 'one', connectionStatus: 'close' },
    ];
    expect(evolution(items)).toMatchObject({ instances: [{ id: 'one', cause: null }], unusable: 0 });
  });

  it('skips an instance whose id could be mistaken for another, or hides something', () => {
    const odd = ['', '.', '..', ' one', 'one ', 'a\nb', 'a\u0000b', 'a\u200bb', '\u202eone', 'x'.repeat(257)];
    const items = [...odd, null, {}, [], true, 1.5, 2 ** 60].map((name) => ({ name }));
    expect(evolution([...items, null, 'text', 7])).toEqual({ type: 'listed', instances: [], unusable: 19 });
    expect(ids([{ name: 'x'.repeat(256) }, { name: 5_511_987_654_321 }, { name: 'Loja São Paulo' }])).toEqual([
      'x'.repeat(256),
      '5511987654321',
      'Loja São Paulo',
    ]);
  });

  it('takes own properties only, and a bounded number of instances', () => {
    expect(ids([JSON.parse('{"__proto__":{"name":"one"}}')])).toEqual([]);
    const many = Array.from({ length: MOST_LISTED + 5 }, (_, index) => ({ name: `n${index}` }));
    expect(evolution(many)).toMatchObject({ unusable: 5 });
    expect(ids(many)).toHaveLength(MOST_LISTED);
  });

  it('takes a token only if a header can carry it', () => {
    const listed = compile({}, builtIn('uazapi')).list(
      answer([
        { name: 'one', token: 'a-token' },
        { name: 'two', token: 'a\r\nb' },
        { name: 'three', token: 7 },
        { name: 'four', token: 'x'.repeat(4_097) },
      ]),
    );
    expect(listed.type === 'listed' ? listed.instances.map(({ token }) => token) : []).toEqual([
      'a-token',
      null,
      null,
      null,
    ]);
  });

  it('counts as failed when the answer is empty or incomplete', () => {
    expect(evolution({ instances: [] })).toEqual({
      ...{ type: 'failed', cause: 'unknown_state', detail: 'the answer is no list', retryAfter: null },
    });
    expect(compile({}, builtIn('wuzapi')).list(answer({ data: 'x' }))).toMatchObject({
      detail: 'the answer holds no list at data',
    });
    expect(evolution('[]', { truncated: true })).toMatchObject({ type: 'failed', cause: 'unreadable' });
    expect(evolution([], { status: 401 })).toMatchObject({ type: 'failed', cause: 'unauthorized' });
    expect(evolution({ error: 'busy' }, { status: 429, retryAfter: '7' })).toMatchObject({
      ...{ type: 'failed', cause: 'rate_limited', retryAfter: 7_000 },
    });
    expect(evolution('<html>Just a moment</html>', { contentType: 'text/html' })).toMatchObject({
      ...{ type: 'failed', cause: 'not_the_gateway' },
    });
    expect(LIST_LIMIT).toBeGreaterThan(1_000 * 2_048);
  });
});

describe('a list that comes in pages', () => {
  const paged = (pages: Partial<ListPages>): Profile => {
    const profile = believed();
    const list = profile.list && { ...profile.list, items: 'content', pages: { ...NO_PAGES, ...pages } };
    return { ...profile, list };
  };
  const read = (profile: Profile, body: unknown) => compile({}, profile).list(answer(body));
  const content = [{ name: 'one' }, { name: 'two' }];

  it.each([
    [{ count: 'totalPage' }, { totalPage: 3 }, 3],
    [{ count: 'totalPage' }, { totalPage: '3' }, 3],
    [{ count: 'meta.pages' }, { meta: { pages: 1 } }, undefined],
    [{ total: 'total' }, { total: 5 }, 3],
    [{ total: 'total' }, { total: 2 }, undefined],
  ])('has as many as stand at %j of %j', (pages, says, expected) => {
    const result = read(paged(pages), { ...says, content });
    expect(result.type === 'listed' ? result.pages : result).toBe(expected);
  });

  it.each<[Partial<ListPages>, object, string]>([
    [{ count: 'totalPage' }, { content }, 'the answer does not say at totalPage how many there are'],
    [{ count: 'totalPage' }, { totalPage: -1, content }, 'the answer does not say at totalPage how many there are'],
    [{ total: 'total' }, { total: 'many', content }, 'the answer does not say at total how many there are'],
    [{ total: 'total' }, { total: 9, content: [] }, 'the answer holds no instance, but says at total that there are 9'],
    [{ count: 'totalPage' }, { totalPage: MOST_PAGES + 1, content }, 'the list has 101 pages, and at most 100 are'],
  ])('fails where %j of %j is no number of pages', (pages, body, detail) => {
    expect(read(paged(pages), body)).toMatchObject({
      type: 'failed',
      detail: expect.stringContaining(detail) as unknown,
    });
  });

  it('is empty where it says so', () => {
    for (const pages of [{ count: 'totalPage' }, { total: 'total' }])
      expect(read(paged(pages), { totalPage: 0, total: 0, content: [] })).toMatchObject({ instances: [] });
  });
});

describe('an answer that is only a page of a list', () => {
  const within = (list: Partial<InstanceList>, body: unknown) => {
    const profile = believed();
    return compile({}, { ...profile, list: profile.list && { ...profile.list, ...list } }).list(answer(body));
  };
  const data = [{ name: 'one' }, { name: 'two' }];

  it.each([
    ['total', { data, total: 3 }],
    ['totalPages', { data, totalPages: 2 }],
    ['meta.total_pages', { data, meta: { total_pages: '2' } }],
    ['pagination.hasMore', { data, pagination: { hasMore: true } }],
    ['next_cursor', { data, next_cursor: 'YWJj' }],
    ['next', { data, next: 'https://gateway.example.org/instances?page=2' }],
    ['nextPage', { data, nextPage: 2 }],
    ['links.next', { data, links: { self: '/instances', next: '/instances?page=2' } }],
    ['_links.next', { data, _links: { next: { href: '/instances?page=2' } } }],
    ['last', { data, number: 0, size: 2, last: false }],
    ['isLastPage', { data, isLastPage: false }],
  ])('is not taken for the whole, as its %s shows', (sign, body) => {
    const result = within({ items: 'data' }, body);
    expect(result).toMatchObject({ type: 'failed', cause: 'unknown_state' });
    expect(result.type === 'failed' ? result.detail : '').toContain(`only a page of the list, as its ${sign} shows`);
  });

  it('is found where the list lies deeper', () => {
    expect(within({ items: 'data.rows' }, { data: { rows: data, total: 3 } })).toMatchObject({ type: 'failed' });
  });

  it.each([
    { data, total: 2, totalPages: 1, page: 1, hasMore: false, next: null },
    { data, total: 'all', pages: [], meta: null, pagination: 'none', next: '' },
    { data, page: 7, count: 9 },
    { data, links: { self: '/instances', next: null }, last: true },
    { data, nextPage: 0, last: 'two', _links: { next: {} } },
  ])('is the whole in %j', (body) => {
    expect(within({ items: 'data' }, body)).toMatchObject({ type: 'listed' });
  });

  it.each<[string, boolean]>([
    ['<https://gateway.example.org/instances?page=2>; rel="next"', true],
    ['</instances?page=1>; rel="first", </instances?page=3>; title="a, b"; rel=next', true],
    ['</instances?page=1>; rel="prev last"', false],
    ['</next>; rel="alternate"; title="rel=next"', false],
  ])('shows it in its header, too: %s', (link, isPage) => {
    expect(evolution(data, { link }).type).toBe(isPage ? 'failed' : 'listed');
    const classifier = compile({}, believed());
    expect(classifier.list(answer(data)).type).toBe('listed');
    expect(classifier.list(answer(data, { link })).type).toBe(isPage ? 'failed' : 'listed');
  });

  it('may be one where instances that are missing stay anyway', () => {
    expect(within({ items: 'data', partial: true }, { data, total: 3 })).toMatchObject({ type: 'listed' });
  });
});
