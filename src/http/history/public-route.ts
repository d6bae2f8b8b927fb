import type { GroupKey } from '../../history/group-history.ts';
import { languageOfBrowser } from '../../language/language.ts';
import type { Access } from '../access/access.ts';
import type { HttpApp, HttpParts, PublicSettings } from '../http-parts.ts';
import { isFromPeer } from '../peers/from-peer.ts';
import { changingOwner } from '../peers/joined.ts';
import { KeptParts } from '../peers/kept-parts.ts';
import { HttpProblem } from '../problem.ts';
import type { GroupPasts } from './group-pasts.ts';
import { groupBy, readable } from './history-routes.ts';
import { PUBLIC_POLICY, publicPage, type PublicContent } from './public-page.ts';
import { joinedPart, PublicPart, publicPart } from './public-part.ts';

/** `GET /public`: the read-only page for everybody, where the config has one. To other replicas it gives its part of it. */
export function addPublicRoute(
  app: HttpApp,
  parts: HttpParts,
  access: Pick<Access, 'checkPublic'>,
  pasts: GroupPasts,
): void {
  const { clock, peers } = parts;
  const kept = peers === null ? null : new KeptParts(clock, peers);
  app.get('/public', async (c) => {
    if (isFromPeer(c, peers)) {
      const wanted = { groupBy: wantedGroups(c.req.query('groupBy')), names: c.req.query('names') === 'true' };
      return c.json(await readable(() => publicPart(parts, pasts, wanted)));
    }
    const { public: settings, lang } = parts.publicPage();
    if (settings === null) throw new HttpProblem(404, 'There is no public page: page.public is not configured.');
    access.checkPublic(c, settings.token);
    const language = lang ?? languageOfBrowser(c.req.header('accept-language'));
    const reader = { language, token: c.req.query('token') ?? null, renews: c.req.query('renew') === 'true' };
    c.header('content-security-policy', PUBLIC_POLICY);
    c.header('cache-control', 'max-age=30');
    c.header('vary', 'accept-language');
    c.header('referrer-policy', 'no-referrer');
    const content = await contentOf(parts, pasts, kept, settings);
    return c.html(publicPage(parts, content, reader));
  });
}

/** What all replicas know, and what is missing of it. */
async function contentOf(
  parts: HttpParts,
  pasts: GroupPasts,
  kept: KeptParts | null,
  { groupBy: by, hideNumbers }: PublicSettings,
): Promise<PublicContent> {
  const names = !hideNumbers;
  const query = new URLSearchParams({ groupBy: by, names: String(names) });
  const [own, others] = await Promise.all([
    readable(() => publicPart(parts, pasts, { groupBy: by, names })),
    kept?.parts(`/public?${query.toString()}`, PublicPart),
  ]);
  const { peers } = parts;
  if (peers === null || others === undefined) return { ...own, missing: [], isChanging: false, hideNumbers };
  const all = [own, ...others.parts];
  const watched = all.map((part) => part.watched);
  return {
    ...joinedPart(all, (name) => peers.placeOf(name)),
    missing: others.missing.map(({ replica }) => replica),
    isChanging: changingOwner(peers, watched, others.missing).length > 0,
    hideNumbers,
  };
}

function wantedGroups(text: string | undefined): GroupKey {
  const by = groupBy.safeParse(text);
  if (!by.success) throw new HttpProblem(400, 'groupBy: must be all, account or label:KEY.');
  return by.data;
}
