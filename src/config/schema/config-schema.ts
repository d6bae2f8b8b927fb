import { z } from 'zod';
import { cleanText } from '../../redaction/clean-text.ts';
import type { MaxUnhealthy } from '../../core/group/tally.ts';
import { LANGUAGES } from '../../language/language.ts';
import { account, baseUrlText, perGateway } from './account-schema.ts';
import { hostText, listenText, networkText, targetText } from './addresses.ts';
import { databaseUrlText } from './database-url.ts';
import { notTogether } from './exclusive-keys.ts';
import { gateway } from './gateway-schema.ts';
import { receiver } from './notify-schema.ts';
import { activityOverrides, probeOverrides, restartOverrides } from './policy-schema.ts';
import {
  cronText,
  durationText,
  fileText,
  labelTexts,
  mistake,
  nameText,
  ownTokenText,
  phoneNumberIdText,
  patternText,
  proxyText,
  timezoneText,
  tokenText,
  type Meta,
} from './scalars.ts';

/** The configuration file as users write it. Keys that are left out get their defaults, unless they are inherited. */

const log = z.strictObject({
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
    .default('info')
    .meta({ description: 'The least important messages that are written.' }),
  format: z
    .enum(['json', 'pretty'])
    .default('json')
    .meta({ description: 'json: one object per line; pretty: for reading.' }),
});

const state = z
  .strictObject({
    path: fileText({
      description:
        'Folder in which the state outlives the process, relative to this file. ":memory:": forget it at exit.',
      builtIn: './data/state',
    }).optional(),
    url: databaseUrlText({
      description:
        'PostgreSQL that keeps the state in place of `path`: postgres://user:password@host:5432/database. It is a secret, best written as "${NAME}". Several hosts, by commas, are tried in turn.',
    }).optional(),
    urlFile: fileText({ description: 'File that holds `url`, relative to this file.' }).optional(),
    keepRemoved: durationText({
      description:
        'How long the state (cooldown and budget) of an instance that is no longer configured is kept, before it is removed from disk and memory.',
    }).prefault('30d'),
  })
  .refine(...notTogether('path', 'url'))
  .refine(...notTogether('path', 'urlFile'))
  .refine(...notTogether('url', 'urlFile'));

const cluster = z
  .strictObject({
    replica: nameText()
      .nullable()
      .default(null)
      .meta({ description: 'What this process is called towards others on the same database; null: the host name.' }),
    leaseFor: durationText({
      description:
        'How long accounts stay with a process that no longer renews its leases in the database, before another may take them over. 3s to 10m.',
    }).prefault('15s'),
    advertise: baseUrlText({ description: 'The address of an HTTP API.' }).nullable().default(null).meta({
      description:
        'Where other replicas reach the HTTP API of this one, such as http://10.0.0.7:9847; null: they do not, so it answers for its own accounts alone.',
    }),
    token: ownTokenText().nullable().default(null).meta({
      description:
        'Token that replicas show each other; all have the same one. It allows everything that `api.token` does.',
    }),
    tokenFile: fileText().nullable().default(null).meta({
      description: 'File that holds `token`, relative to this file.',
    }),
  })
  .refine(...notTogether('token', 'tokenFile'));

/** The tokens of the API. Each has a key for the token itself, and one with `File` at its end. */
export const API_TOKENS = ['token', 'hookToken', 'gatewayHookToken', 'readToken', 'metricsToken'] as const;

const api = z
  .strictObject({
    token: apiToken('Token that write calls need; null: every write call answers 403.'),
    tokenFile: apiTokenFile('File that holds `token`, relative to this file.'),
    hookToken: apiToken(
      'Token of Alertmanager: its alerts can restart any instance, so it is accepted in the header only.',
    ),
    hookTokenFile: apiTokenFile('File that holds `hookToken`, relative to this file.'),
    gatewayHookToken: apiToken(
      'Token of the webhooks of all gateways. It can cause probes and report signs of life only, and may be a part of the URL.',
    ),
    gatewayHookTokenFile: apiTokenFile('File that holds `gatewayHookToken`, relative to this file.'),
    readToken: apiToken('Token that the read routes, /metrics and the status page need; null: they are open.'),
    readTokenFile: apiTokenFile('File that holds `readToken`, relative to this file.'),
    metricsToken: apiToken('Weaker token for /metrics only. If it is set, /metrics needs it, or `readToken`.'),
    metricsTokenFile: apiTokenFile('File that holds `metricsToken`, relative to this file.'),
    hosts: z.array(hostText()).max(100).default([]).meta({
      description:
        'Names under which clients without a token reach the watchdog; others are refused. Empty: any name, or only localhost if `listen` is on the loopback address. IP addresses and localhost are always accepted.',
    }),
    trustedProxies: z.array(networkText()).max(100).default([]).meta({
      description:
        'Addresses or networks (10.0.0.0/8) of reverse proxies whose X-Forwarded-For says where a call comes from.',
    }),
  })
  .refine(...notTogether('token', 'tokenFile'))
  .refine(...notTogether('hookToken', 'hookTokenFile'))
  .refine(...notTogether('gatewayHookToken', 'gatewayHookTokenFile'))
  .refine(...notTogether('readToken', 'readTokenFile'))
  .refine(...notTogether('metricsToken', 'metricsTokenFile'));

const defaults = z.strictObject({
  probe: probeOverrides.prefault({}).meta({ description: 'How instances are probed.' }),
  restart: restartOverrides.prefault({}).meta({ description: 'When and how often instances are restarted.' }),
  activity: activityOverrides
    .prefault({})
    .meta({ description: 'When an instance that is connected counts as silent, because nothing flows through it.' }),
});

const guard = z.strictObject({
  maxUnhealthy: maxUnhealthy({
    description:
      'Share ("40%") or number of sick instances of an account above which none is restarted, counted as it would be after the restart. A share is rounded down.',
  }),
  alwaysAllow: z
    .int()
    .min(0)
    .max(100_000)
    .default(1)
    .meta({ description: 'Number of sick instances that is never a storm, so that a fleet of one can heal.' }),
  stormCooldown: durationText(
    { description: 'Quiet time after a storm before restarts go on.' },
    { orZero: true },
  ).prefault('2m'),
  startup: durationText(
    { description: 'Time after the start without restarts, but for those that were due in the stored state.' },
    { orZero: true },
  ).prefault('30s'),
  maxHarmed: z.int().min(1).max(100_000).default(2).meta({
    description:
      'Restarts after which an instance needed a human, within 24 hours, that hold all further automatic and planned ones of its account until a person releases it.',
  }),
  deadAfter: durationText({
    description: 'An instance that has been exhausted for this long no longer counts towards a storm.',
  }).prefault('1h'),
  blindAfter: durationText({
    description:
      'Time (and at least 10 probes) without a conclusive answer after which nothing is known of an instance.',
  }).prefault('5m'),
  perGateway: perGateway.prefault({}).meta({
    description: 'Limits for all accounts of one gateway (scheme, host and port of `baseUrl`) together.',
  }),
});

const connectivity = z.strictObject({
  targets: z.array(targetText()).max(100).default([]).meta({
    description:
      'Addresses that are reachable while our own network is up: tcp://host:port or https://…; none: no check.',
  }),
  quorum: z.int().min(1).max(100).default(1).meta({ description: 'Number of targets that must answer.' }),
  every: durationText({ description: 'Time between two checks.' }).prefault('30s'),
  timeout: durationText({ description: 'Deadline of one check. Must not be longer than `every`.' }).prefault('5s'),
});

const maintenanceWindow = z.strictObject({
  name: nameText({ description: 'Name of the window, unique.' }),
  cron: cronText({ description: 'Cron expression of when the window opens.' }),
  duration: durationText({ description: 'How long the window stays open.' }),
  timezone: timezoneText({ description: 'IANA time zone of `cron`.' }).default('UTC'),
  accounts: z.array(z.string()).default([]).meta({ description: 'Accounts that the window covers.' }),
  instances: z.array(z.string()).default([]).meta({
    description: 'Names of instances that the window covers. With neither instances nor accounts it covers all.',
  }),
});

const heartbeat = z.strictObject({
  url: patternText(/^https?:\/\/\S+$/, 'is not a web address', 'Write it as https://host/path.', {
    description: 'Where requests are sent while all is well; it is a secret. Any 2xx counts as received.',
    secret: true,
  }),
  method: z
    .enum(['GET', 'HEAD', 'POST'])
    .default('GET')
    .meta({ description: 'HTTP method of these requests; none has a body.' }),
  proxy: proxyText('these requests'),
  every: durationText({ description: 'Time between two requests.' }).prefault('1m'),
});

const instance = z
  .strictObject({
    account: z.string().meta({ description: 'The account through which the instance is reached.' }),
    phoneNumberId: phoneNumberIdText({
      description: 'The phoneNumberId, or another id, that the instance has at its gateway.',
      type: ['string', 'integer'],
    }).optional(),
    id: phoneNumberIdText({
      description: 'The same, for gateways that do not call it phoneNumberId.',
      type: ['string', 'integer'],
    }).optional(),
    name: nameText({
      description: 'Unique name in logs, metrics and commands; the phoneNumberId if left out.',
    }).optional(),
    displayName: z.string().trim().min(1).max(100).overwrite(cleanText).nullable().default(null).meta({
      description:
        'What people call the instance, in any script, such as "Recepção – São Paulo": shown beside `name` in messages, tables, status page and API; null: nothing.',
    }),
    token: tokenText({
      description: 'Its own token, at gateways where each instance has one; in place of that of the account.',
    }).optional(),
    tokenFile: fileText({ description: 'File that holds `token`, relative to this file.' }).optional(),
    labels: labelTexts({
      description: 'More labels, which the status page and the metric watchdog_instance_info show.',
    }),
    enabled: z.boolean().default(true).meta({ description: 'false: the instance is neither probed nor restarted.' }),
    probe: probeOverrides.prefault({}).meta({ description: 'Overrides the `probe` of the account.' }),
    restart: restartOverrides.prefault({}).meta({ description: 'Overrides the `restart` of the account.' }),
    activity: activityOverrides.prefault({}).meta({ description: 'Overrides the `activity` of the account.' }),
  })
  .superRefine(checkIdentity);

/** One pass over all that two keys of an instance say together: a fleet may have very many. */
function checkIdentity(value: Record<string, unknown>, ctx: z.RefinementCtx): void {
  const { phoneNumberId, id, token, tokenFile } = value;
  const report = (path: string, message: string, remedy: string): void => {
    ctx.addIssue({ code: 'custom', path: [path], message, params: { remedy } });
  };
  const keepOne = 'Keep one of the two.';
  if (phoneNumberId === undefined && id === undefined) {
    report('phoneNumberId', 'is missing', 'Add it. The phoneNumberId that the instance has at its gateway.');
  }
  if (phoneNumberId !== undefined && id !== undefined) {
    report('id', '"phoneNumberId" and "id" are the same, and exclude each other', keepOne);
  }
  if (token !== undefined && tokenFile !== undefined) {
    report('tokenFile', '"token" and "tokenFile" exclude each other', keepOne);
  }
}

const fleet = {
  accounts: z
    .record(nameText(), account)
    .prefault({})
    .meta({ description: 'Gateways with their credentials, by name.' }),
  instances: z.array(instance).prefault([]).meta({ description: 'The WhatsApp numbers to watch.' }),
  gateways: z
    .record(nameText(), gateway)
    .prefault({})
    .meta({ description: 'Gateways of your own, by name, or built-in ones that are changed by `extends`.' }),
};

/** A file named by `include`. */
export const includedFile = z.strictObject(fleet);

const publicPage = z
  .strictObject({
    groupBy: patternText(/^(all|account|label:.+)$/, 'is no group', 'Write all, account, or label:KEY.')
      .transform((text) => text as 'all' | 'account' | `label:${string}`)
      .default('account')
      .meta({
        description: 'What it shows apart: `account`, the values of a label (`label:city`), or `all` together.',
      }),
    hideNumbers: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether it shows groups only, and no names and phone numbers of instances.' }),
    token: apiToken('Token that it needs, as `?token=`; null: everybody may see it. It allows nothing else.'),
    tokenFile: apiTokenFile('File that holds `token`, relative to this file.'),
  })
  .refine(...notTogether('token', 'tokenFile'));

const page = z.strictObject({
  public: publicPage.nullable().default(null).meta({
    description:
      'A read-only page for everybody at `/public`, with availability and maintenance, and badges; null: there is none. `{}` has one with the defaults.',
  }),
  url: patternText(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/, 'is not a web address', 'Write it as https://host/path.')
    .nullable()
    .default(null)
    .meta({
      description:
        'Address at which people reach the status page, such as https://watchdog.example.org: messages link to it; null: they have no link.',
    }),
});

/** The main file. */
export const configFile = z.strictObject({
  listen: listenText({ description: 'host:port for metrics, health, API and status page; port 0 takes any free one.' }),
  lang: z.enum(LANGUAGES).nullable().default(null).meta({
    description:
      'Language of messages, tables, remedies and the status page: en or pt-BR. null: en; on the command line that of the environment (LANG), on the status page that of the browser. Log, causes and API are English in any case.',
  }),
  page: page.prefault({}).meta({ description: 'The status page.' }),
  log: log.prefault({}).meta({ description: 'What is logged, and how.' }),
  state: state.prefault({}).meta({ description: 'What outlives the process.' }),
  cluster: cluster.prefault({}).meta({ description: 'Who owns which accounts, with `state.url` only.' }),
  api: api.prefault({}).meta({ description: 'Who may use the HTTP API.' }),
  ...fleet,
  defaults: defaults
    .prefault({})
    .meta({ description: 'What applies to every instance, unless its account or the instance itself overrides it.' }),
  guard: guard
    .prefault({})
    .meta({ description: 'Keeps restarts from making an outage of a gateway worse; counted for each account.' }),
  connectivity: connectivity
    .prefault({})
    .meta({ description: 'Distinguishes an outage of our own network from one of a gateway.' }),
  heartbeat: heartbeat.nullable().prefault(null).meta({
    description:
      'A dead-man switch: it gets a request regularly while the probe loop makes progress, and alarms when they end.',
  }),
  maintenance: z
    .array(maintenanceWindow)
    .max(1000)
    .prefault([])
    .meta({ description: 'Windows during which automatic restarts are held.' }),
  notify: z.array(receiver).max(100).prefault([]).meta({ description: 'Webhooks that are notified of what happens.' }),
  dryRun: z.boolean().default(false).meta({ description: 'true: decide and report, but restart nothing.' }),
  metrics: z
    .strictObject({
      perInstance: z.boolean().default(true).meta({ description: 'false: aggregates only, for very large fleets.' }),
    })
    .prefault({})
    .meta({ description: 'What is measured.' }),
  include: z
    .array(
      fileText({
        description:
          'A file, or a pattern such as fleet.d/*.yaml. Lists of instances are read much faster as *.json or *.csv.',
      }),
    )
    .max(1000)
    .default([])
    .meta({ description: 'More files, relative to this one, each with `accounts`, `instances` or both.' }),
  allowShrink: z.boolean().default(false).meta({
    description:
      'true: a reload may take more than half of a fleet of ten or more away, or all files of a pattern of `include` with their folder. Otherwise it is refused, because that is mostly an accident.',
  }),
});

export type ConfigInput = z.output<typeof configFile>;

/** An instance, whose id has one name. */
export type InstanceInput = Omit<z.output<typeof instance>, 'phoneNumberId' | 'id'> & {
  readonly phoneNumberId: string;
};

function apiToken(description: string) {
  return ownTokenText().nullable().default(null).meta({ description });
}

function apiTokenFile(description: string) {
  return fileText().nullable().default(null).meta({ description });
}

function maxUnhealthy(meta: Meta) {
  return z
    .unknown()
    .transform((value, ctx): MaxUnhealthy => {
      const percent = typeof value === 'string' ? /^(\d{1,3}(?:\.\d+)?)%$/.exec(value)?.[1] : undefined;
      if (percent !== undefined && Number(percent) <= 100) return { type: 'percent', percent: Number(percent) };
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { type: 'count', count: value };
      mistake(ctx, 'must be a share or a whole number', 'Write for example 40% (0% to 100%) or 3.');
      return z.NEVER;
    })
    .meta({ ...meta, anyOf: [{ type: 'string' }, { type: 'integer', minimum: 0 }] })
    .prefault('40%');
}
