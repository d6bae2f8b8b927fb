import { languageOfBrowser } from '../../language/language.ts';
import type { Access } from '../access/access.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import { HttpProblem } from '../problem.ts';
import type { GroupPasts } from './group-pasts.ts';
import { readable } from './history-routes.ts';
import { PUBLIC_POLICY, publicPage } from './public-page.ts';

/** `GET /public`: the read-only page for everybody, where the config has one. */
export function addPublicRoute(
  app: HttpApp,
  parts: HttpParts,
  access: Pick<Access, 'checkPublic'>,
  pasts: GroupPasts,
): void {
  app.get('/public', async (c) => {
    const { public: settings, lang } = parts.publicPage();
    if (settings === null) throw new HttpProblem(404, 'There is no public page: page.public is not configured.');
    access.checkPublic(c, settings.token);
    const language = lang ?? languageOfBrowser(c.req.header('accept-language'));
    const reader = { language, token: c.req.query('token') ?? null, renews: c.req.query('renew') === 'true' };
    c.header('content-security-policy', PUBLIC_POLICY);
    c.header('cache-control', 'max-age=30');
    c.header('vary', 'accept-language');
    c.header('referrer-policy', 'no-referrer');
    return c.html(await readable(() => publicPage(parts, pasts, settings, reader)));
  });
}
