import { looksSecret } from './looks-secret.ts';

/** From this length on a part of a URL may be secret; from the second on it always counts as such. */
const SHORTEST_SECRET = 8;
const SURELY_SECRET = 16;
/** A shorter path, such as "/hook", may stand in any text. */
const SHORTEST_PATH = 12;

const SECRET_PARAMETER = /token|key|secret|pass|pwd|auth|sig|code|hash/i;

/** A secret of the config, and everything in it that grants access by itself. */
export function secretParts(secret: string): readonly string[] {
  const parts = /^[a-z][a-z0-9+.-]*:\/\//i.test(secret) && URL.canParse(secret) ? urlParts(new URL(secret)) : [];
  // A header's value such as "Bearer abc" or "Basic dTpw", and a signing key with its prefix.
  const words = secret.split(/\s+/).filter((word) => word !== secret && word.length >= SHORTEST_SECRET);
  const bare = secret.startsWith('whsec_') ? [secret.slice('whsec_'.length)] : [];
  return [...new Set([secret, ...parts, ...words, ...bare, ...basicParts(secret)])].filter((part) => part !== '');
}

function urlParts({ username, password, pathname, search, searchParams, hash }: URL): string[] {
  const login = [username, password].filter((part) => part !== '').flatMap((part) => [part, decoded(part)]);
  const both = login.length > 2 ? [`${decoded(username)}:${decoded(password)}`] : [];
  const path = pathname + search;
  // Telegram's token stands behind "bot".
  const found = [...pathname.split('/'), ...searchParams.values(), hash.slice(1)]
    .flatMap((part) => [part, decoded(part), part.replace(/^bot(?=\d+:)/, '')])
    .filter((part) => part.length >= SURELY_SECRET || (part.length >= SHORTEST_SECRET && looksSecret(part)));
  const named = [...searchParams].filter(([name]) => SECRET_PARAMETER.test(name)).map(([, value]) => value);
  // A user name without a password is a token; beside one it is no secret.
  const secretLogin = login.length > 2 ? login.slice(2) : login;
  return [...(path.length >= SHORTEST_PATH ? [path] : []), ...found, ...named, ...both, ...secretLogin];
}

/** What a `Basic` credential says, and its password. */
function basicParts(secret: string): string[] {
  const encoded = /^basic\s+([A-Za-z0-9+/_-]{4,}={0,2})$/i.exec(secret)?.[1];
  if (encoded === undefined) return [];
  const login = Buffer.from(encoded, 'base64').toString('utf8');
  return [login, login.slice(login.indexOf(':') + 1)];
}

/** A part of a URL as it was meant, if it was encoded as one. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
