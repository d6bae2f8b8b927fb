import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LANGUAGES, languageOfBrowser } from '../../language/language.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';

/** Beside the compiled program, and beside `src` when it runs from source. */
const FOLDER = fileURLToPath(new URL('../../../dist/page/', import.meta.url));

/** Nothing but its own files and this API: no other host, no inline code, not in a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.woff2', 'font/woff2'],
]);

const NOT_BUILT = 'The status page has not been built: run npm run build.\n';

/**
 * `GET /` and the files of the page, which are read once. It holds no data of the fleet, so it needs no token. It loads
 * its data from the API, and prompts for a token where the API needs one. It is in the language of the config, or else in
 * that of the browser.
 */
export function addPageRoutes(app: HttpApp, { publicPage }: Pick<HttpParts, 'publicPage'>): void {
  const assets = filesIn(`${FOLDER}assets`);
  const built = existsSync(`${FOLDER}page.html`) ? readFileSync(`${FOLDER}page.html`, 'utf8') : null;
  const pages = new Map(
    LANGUAGES.map((language) => [language, built?.replace('<html lang="en">', `<html lang="${language}">`)]),
  );

  app.get('/', (c) => {
    const page = pages.get(publicPage().lang ?? languageOfBrowser(c.req.header('accept-language')));
    if (page === undefined) return c.text(NOT_BUILT, 503);
    c.header('content-security-policy', POLICY);
    c.header('cache-control', 'no-cache');
    c.header('vary', 'accept-language');
    return c.html(page);
  });

  app.get('/assets/:file', (c) => {
    const file = assets.get(c.req.param('file'));
    if (file === undefined) return c.notFound();
    // Its name changes with its content.
    return c.body(file.content, 200, {
      'content-type': file.type,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });
}

function filesIn(path: string): Map<string, { readonly type: string; readonly content: Uint8Array<ArrayBuffer> }> {
  if (!existsSync(path)) return new Map();
  return new Map(
    readdirSync(path).flatMap((name) => {
      const type = TYPES.get(extname(name));
      return type === undefined ? [] : [[name, { type, content: new Uint8Array(readFileSync(`${path}/${name}`)) }]];
    }),
  );
}
