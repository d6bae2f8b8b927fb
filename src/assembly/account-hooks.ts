import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { AccountWebhooks } from '../core/webhook.ts';
import { compileWebhooks, parseWebhook } from '../gateway/answers/webhook.ts';
import type { AccountHooks } from '../http/http-parts.ts';

interface Prepared {
  readonly of: Config['accounts'];
  /** By the digest of their token, so that the time of a look-up reveals nothing about a token. */
  readonly accounts: ReadonlyMap<string, readonly string[]>;
  readonly readers: ReadonlyMap<string, AccountWebhooks>;
}

/** What the config in use says about the hooks of gateways; prepared once for each config. */
export function configuredHooks(config: () => Pick<Config, 'accounts'>): AccountHooks {
  let prepared: Prepared | null = null;
  const current = (): Prepared => {
    const { accounts } = config();
    if (prepared?.of !== accounts) prepared = prepare(accounts);
    return prepared;
  };
  return {
    accountsOf: (token) => current().accounts.get(digest(token)) ?? [],
    hasTokens: () => current().accounts.size > 0,
    read: parseWebhook,
    readers: () => current().readers,
  };
}

function prepare(of: Config['accounts']): Prepared {
  const accounts = new Map<string, readonly string[]>();
  const readers = new Map<string, AccountWebhooks>();
  for (const { name, hookToken, profile } of of.values()) {
    if (hookToken !== null) {
      const key = digest(hookToken);
      accounts.set(key, [...(accounts.get(key) ?? []), name]);
    }
    const { ofAccount } = compileWebhooks(profile);
    if (ofAccount !== null) readers.set(name, ofAccount);
  }
  return { of, accounts, readers };
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
