import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { countedOf } from '../../history/bucket.ts';
import { groupsOf, type Group } from '../../history/group-history.ts';
import { SPANS, spanOf, type Span } from '../../history/spans.ts';
import { LANGUAGES, languageOfBrowser, type Language } from '../../language/language.ts';
import { PUBLIC_WORDS } from '../../language/public-words.ts';
import type { HttpApp, HttpEnv, HttpParts, PublicSettings } from '../http-parts.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import { changingOwner, watchedPart } from '../peers/joined.ts';
import { KeptParts } from '../peers/kept-parts.ts';
import type { Peer, Peers } from '../peers/peers.ts';
import { HttpProblem } from '../problem.ts';
import { failure, plain, READ_FAILURES } from '../routes/documented.ts';
import type { MissingPart } from '../views/schemas.ts';
import { badgeSvg, colorOf, percent, type Badge } from './badge.ts';
import type { GroupPasts } from './group-pasts.ts';
import { groupBy, readable } from './history-routes.ts';
import { availabilityIn } from './public-part.ts';

const route = createRoute({
  method: 'get',
  path: '/badge/{file}',
  summary: 'The availability of an instance, or of a group, as an image',
  request: {
    params: z.object({
      file: z
        .string()
        .regex(/\.svg$/, 'must end with .svg')
        .openapi({ description: 'Name of an instance or a group, and .svg.' }),
    }),
    query: z.object({
      by: groupBy.optional().openapi({ type: 'string', description: 'all, account, or label:KEY: of that group.' }),
      span: z.enum(SPANS).default('30d'),
      lang: z
        .enum(LANGUAGES)
        .optional()
        .openapi({ description: 'Of its words and numbers; without it that of the config, or of the browser.' }),
    }),
  },
  responses: {
    200: plain('The image.', 'image/svg+xml'),
    404: failure('No instance or group of this name is watched.'),
    503: failure('The history cannot be read now, or the replica that watches it gave no answer, or is changing.'),
    ...READ_FAILURES,
  },
});

/** Whether the public page shows what a badge is about: all together, its groups, and instances unless it hides them. */
export function isBadgeOfPage(c: Context<HttpEnv>, { groupBy: shown, hideNumbers }: PublicSettings): boolean {
  const by = c.req.query('by');
  return by === undefined ? !hideNumbers : by === 'all' || by === shown;
}

/** What a replica knows of what a badge is about. Seconds; null: it has none of it. */
const BadgePart = z.object({
  part: z.object({ label: z.string(), healthy: z.number().min(0), counted: z.number().min(0) }).nullable(),
  ...watchedPart,
});
type BadgePart = z.output<typeof BadgePart>;
type Part = NonNullable<BadgePart['part']>;

/** What a badge lacks. */
interface Lack {
  readonly missing: readonly MissingPart[];
  /** How many accounts change their owner. */
  readonly changing: number;
}

/** `GET /badge/{name}.svg`. */
export function addBadgeRoute(
  app: HttpApp,
  { fleet, clock, peers, publicPage }: Pick<HttpParts, 'fleet' | 'clock' | 'peers' | 'publicPage'>,
  pasts: GroupPasts,
): void {
  const kept = peers === null ? null : new KeptParts(clock, peers);
  app.openapi(route, async (c) => {
    const { by, span, lang } = c.req.valid('query');
    const name = c.req.valid('param').file.slice(0, -'.svg'.length);
    const subject = subjectOf(fleet, name, by);
    const own = subject === null ? null : await partOf(subject, pasts, span);
    const watched = [...fleet().accounts.keys()];
    // Another replica adds its own parts, and makes the image.
    if (isFromPeer(c, peers))
      return c.body(JSON.stringify({ part: own, watched }), 200, { 'content-type': 'application/json' });
    const query = new URLSearchParams({ ...(by === undefined ? {} : { by }), span });
    const path = `/badge/${encodeURIComponent(name)}.svg?${query.toString()}`;
    const isOwn = peers === null || (by === undefined && own !== null);
    const others = await kept?.parts(path, BadgePart, isOwn ? [] : knowing(peers, name, by));
    const missing = others?.missing ?? [];
    const parts = [{ part: own, watched }, ...(others?.parts ?? [])];
    const lack = { missing, changing: isOwn ? 0 : changing(peers, parts, missing, { name, by }) };
    const known = parts.flatMap(({ part }) => part ?? []);
    const label = known[0]?.label;
    if (label === undefined) throw unknown(by, lack, publicPage());
    const language = lang ?? publicPage().lang ?? languageOfBrowser(c.req.header('accept-language'));
    const without = lackText(lack, publicPage(), language);
    return c.body(badgeSvg(badgeOf(`${label} ${span}`, known, { without, language })), 200, {
      vary: 'accept-language',
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'",
      'cache-control': `max-age=${without === '' ? 60 : 10}`,
    });
  });
}

/** The other replicas that may know it. An instance that the config does not name may be one that any of them has found. */
function knowing(peers: Peers, name: string, by: string | undefined): readonly Peer[] {
  if (by !== undefined) return peers.list();
  const account = peers.accountOf(name);
  if (account === null) return peers.discovers ? peers.list() : [];
  const owner = peers.ownerOf(account);
  return owner === null || owner === 'self' ? [] : [owner];
}

/** How many of the accounts that it is about, as far as the config says it, change their owner. */
function changing(
  peers: Peers,
  parts: readonly BadgePart[],
  missing: readonly MissingPart[],
  { name, by }: { readonly name: string; readonly by: string | undefined },
): number {
  const account = by === undefined ? peers.accountOf(name) : by === 'account' ? name : null;
  if (by === undefined && account === null && !peers.discovers) return 0;
  const watched = parts.map((part) => part.watched);
  return changingOwner(peers, watched, missing).filter((each) => (account ?? each) === each).length;
}

async function partOf({ key, label, group }: Subject, pasts: GroupPasts, span: Span): Promise<Part> {
  const bucket = spanOf(await readable(() => pasts.of(key, group)), span);
  return { label, healthy: bucket.healthy, counted: countedOf(bucket) };
}

function badgeOf(
  label: string,
  parts: readonly Part[],
  { without, language }: { readonly without: string; readonly language: Language },
): Badge {
  const availability = availabilityIn(parts);
  const value = [percent(availability, language), without].filter((part) => part !== '').join(' ');
  return { label, value, color: colorOf(availability) };
}

/**
 * Says whose part is missing; empty: nobody's. Why, and where that is, is not for everybody; with `hideNumbers` not even its name.
 */
function lackText({ missing, changing }: Lack, page: PageSettings, language: Language): string {
  const words = PUBLIC_WORDS[language].badge;
  const names = missing.map(({ replica }) => replica).join(', ');
  const replicas = missing.length === 0 ? '' : hides(page) ? words.replicas(missing.length) : names;
  const accounts = changing === 0 ? '' : words.accounts(changing);
  if (replicas !== '' && accounts !== '') return words.without(words.both(replicas, accounts));
  const lack = `${replicas}${accounts}`;
  return lack === '' ? '' : words.without(lack);
}

type PageSettings = ReturnType<HttpParts['publicPage']>;

function hides({ public: page }: PageSettings): boolean {
  return page?.hideNumbers === true;
}

function unknown(by: string | undefined, { missing, changing }: Lack, page: PageSettings): HttpProblem {
  const [first] = missing;
  if (first !== undefined) {
    const several = missing.length === 1 ? '1 replica' : `${missing.length} replicas`;
    const who = hides(page) ? several : `The replica ${first.replica}`;
    return new HttpProblem(503, `${who} gave no answer; try again later.`);
  }
  if (changing > 0) {
    const detail = 'The replica that watches it is changing; try again in a few seconds.';
    return new HttpProblem(503, detail, { 'retry-after': '10' });
  }
  if (by !== undefined) return new HttpProblem(404, 'No group of this name is watched.');
  return new HttpProblem(404, 'No instance of this name is watched; ?by=account names a group.');
}

interface Subject {
  readonly key: string;
  readonly label: string;
  readonly group: Group;
}

/** Null: there is none here. */
function subjectOf(fleet: HttpParts['fleet'], name: string, by: z.output<typeof groupBy> | undefined): Subject | null {
  const { instances } = fleet();
  if (by === undefined) {
    const instance = instances.get(name);
    if (instance === undefined) return null;
    const label = instance.definition.displayName ?? name;
    return { key: JSON.stringify(['instance', instance.key]), label, group: { name, instances: [instance] } };
  }
  const group = groupsOf(instances.values(), by).find((each) => by === 'all' || each.name === name);
  return group === undefined ? null : { key: JSON.stringify([by, group.name, null, null]), label: name, group };
}
