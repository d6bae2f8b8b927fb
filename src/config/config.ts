import type { ReceiverSettings } from '../core/notification.ts';
import type { Policy } from '../core/policy.ts';
import type { ParsedCron } from '../core/schedule/cron.ts';
import type {
  DatabaseSettings,
  GuardSettings,
  MaintenanceWindow,
  RequestLimits,
  RestartLimits,
} from '../core/settings.ts';
import type { Profile } from '../gateway/profiles/profile.ts';
import type { ProxyVariables } from '../network/proxy.ts';
import type { ReadInputs } from './inputs.ts';
import type { Warning } from './problems.ts';
import type { AccountInput } from './schema/account-schema.ts';
import type { API_TOKENS } from './schema/api-schema.ts';
import type { ConfigInput } from './schema/config-schema.ts';
import type { InstanceInput } from './schema/instance-schema.ts';
import type { Immutable, SameAs } from './schema/same-as.ts';

/** What `load.ts` makes of the input, and what it adds. */
interface Made extends ReadInputs {
  readonly api: ApiAccess;
  readonly state: StateConfig;
  /** The token is read from its file where that was named. */
  readonly cluster: Omit<Input['cluster'], 'tokenFile'>;
  readonly page: PageConfig;
  /** By name. */
  readonly accounts: ReadonlyMap<string, AccountConfig>;
  /** In the order of the files, disabled ones included. */
  readonly instances: readonly InstanceConfig[];
  readonly maintenance: readonly SameAs<WindowConfig, MaintenanceWindow>[];
  readonly notify: readonly SameAs<ReceiverConfig, ReceiverSettings>[];
  readonly guard: SameAs<Input['guard'], GuardSettings['guard']>;
  readonly connectivity: SameAs<Input['connectivity'], GuardSettings['connectivity']>;
  readonly warnings: readonly Warning[];
  /** What the environment says; every `proxy` here was resolved by it already. */
  readonly proxies: ProxyVariables;
  /** Every secret in the files and in those that they name, whatever key it stands at: it is never shown. */
  readonly secrets: readonly string[];
  /** Patterns of `include` whose folder does not exist. */
  readonly missingFolders: readonly string[];
}

type Input = Immutable<ConfigInput>;

/**
 * A configuration as the program uses it: checked, defaults filled in, inheritance resolved, secrets read. What the
 * schema gives out is in it as it is; only what `load.ts` makes something else of is declared here.
 */
export interface Config extends Made, Omit<Input, keyof Made | 'defaults' | 'gateways' | 'include'> {}

/** The token of the public page is read from its file where that was named. */
export type PageConfig = Omit<Input['page'], 'public'> & {
  readonly public: Omit<NonNullable<Input['page']['public']>, 'tokenFile'> | null;
};

/** Where the state is: in a folder, or in a database. */
export type StateConfig = Pick<Input['state'], 'keepRemoved'> &
  (
    | { /** Absolute, or `:memory:`. */ readonly path: string; readonly database: null }
    | { readonly path: null; readonly database: DatabaseSettings }
  );

/** Tokens are read from files where those were named. */
export type ApiAccess = Pick<Input['api'], (typeof API_TOKENS)[number] | 'hosts' | 'trustedProxies'>;

type WindowConfig = Omit<Input['maintenance'][number], 'cron' | 'timezone'> & { readonly cron: ParsedCron };
type ReceiverConfig = Omit<Input['notify'][number], 'url' | 'urlFile' | 'secretFile' | 'tokenFile'> & {
  readonly url: string;
};

type Account = Immutable<AccountInput>;

/** What is made of the input of an account. */
interface MadeAccount {
  readonly name: string;
  /** Null: nothing but what is configured is watched. */
  readonly discover: DiscoverSettings | null;
  /** Of its gateway. */
  readonly profile: Profile;
  /** What else the gateway asks for, by name; all of it secret. */
  readonly values: Readonly<Record<string, string>>;
  /** http or https, without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string;
  readonly restartMethod: string;
  readonly healthPath: string | null;
  readonly limits: SameAs<Account['limits'], RequestLimits & RestartLimits>;
  readonly tls: Omit<Account['tls'], 'caFile' | 'certFile' | 'keyFile'> & TlsFiles;
  /** More headers of each request; their values are secrets. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AccountConfig
  extends
    MadeAccount,
    Omit<Account, keyof MadeAccount | 'tokenFile' | 'hookTokenFile' | 'probe' | 'restart' | 'activity'> {}

export type DiscoverSettings = NonNullable<Account['discover']> & {
  /** Of all instances that are found. */
  readonly policy: Policy;
};

/** What the files of `tls` hold, all in PEM. */
interface TlsFiles {
  /** Null: the usual authorities. */
  readonly ca: string | null;
  /** Null: no client certificate. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

export interface InstanceConfig extends Omit<
  Immutable<InstanceInput>,
  'probe' | 'restart' | 'activity' | 'token' | 'tokenFile'
> {
  /** Unique. */
  readonly name: string;
  /** One object for all instances of the same labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Its own, in place of that of the account; null: it has none. */
  readonly token: string | null;
  /** One object for all instances of the same policy. */
  readonly policy: Policy;
}
