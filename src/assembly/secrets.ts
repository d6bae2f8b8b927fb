import type { Config } from '../config/config.ts';

const SHORTEST_SECRET = 12;
const SURELY_SECRET = 24;

/** Everything in a config that must never be printed. */
export function secretsOf({ accounts, api, heartbeat, notify }: Config): readonly string[] {
  const tokens = [...accounts.values()].map(({ token }) => token);
  const webhooks = notify.flatMap(({ url, secret }) => [...urlSecrets(url), secret]);
  return [...tokens, api.token, api.hookToken, api.readToken, heartbeat?.url ?? null, ...webhooks].filter(
    (secret) => secret !== null,
  );
}

/** Everything in the URL of a webhook that must not be shown: the whole, and the parts that grant access. */
export function urlSecrets(text: string): readonly string[] {
  const url = new URL(text);
  const parts = [...url.pathname.split('/'), ...url.searchParams.values()];
  // Telegram's token stands behind "bot".
  const found = parts.flatMap((part) => [part, decoded(part), part.replace(/^bot(?=\d+:)/, '')]);
  const path = url.pathname + url.search;
  return [...new Set([text, ...(path.length >= SHORTEST_SECRET ? [path] : []), ...found.filter(looksSecret)])];
}

/** A word such as "notifications" must not be masked wherever it stands. */
function looksSecret(part: string): boolean {
  return part.length >= SURELY_SECRET || (part.length >= SHORTEST_SECRET && /\d/.test(part));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
