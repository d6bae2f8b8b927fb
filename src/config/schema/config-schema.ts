import { z } from 'zod';
import { LANGUAGES } from '../../language/language.ts';
import { account, baseUrlText } from './account-schema.ts';
import { api } from './api-schema.ts';
import { listenText, targetText } from '../values/addresses.ts';
import { databaseUrlText } from '../values/database-url.ts';
import { gateway } from './gateway-schema.ts';
import { guard } from './guard-schema.ts';
import { instance } from './instance-schema.ts';
import { receiver } from './notify-schema.ts';
import { notTogether, ownToken } from './paired-keys.ts';
import { activityOverrides, probeOverrides, restartOverrides } from './policy-schema.ts';
import { cronText, durationText, fileText, nameText, patternText, proxyText, timezoneText } from '../values/scalars.ts';

/** The configuration file as users write it. Keys that are left out get their defaults, unless they are inherited. */

const publicPage = z
  .strictObject({
    groupBy: patternText(/^(all|account|label:.+)$/, 'is no group', 'Write all, account, or label:KEY.')
      .transform((text) => text as 'all' | 'account' | `label:${string}`)
      .default('account')
      .meta({
        description: 'What it groups instances by: `account`, a label (`label:city`), or `all` for one group.',
      }),
    hideNumbers: z
      .boolean()
      .default(true)
      .meta({ description: 'true: it shows groups only, and no names and phone numbers of instances.' }),
    ...ownToken(
      'token',
      'Token that it requires, as `?token=`; null: everybody may see it. The token allows nothing else.',
    ),
  })
  .check(notTogether('token', 'tokenFile'));

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
  .check(notTogether('path', 'url'), notTogether('path', 'urlFile'), notTogether('url', 'urlFile'));

const cluster = z
  .strictObject({
    replica: nameText()
      .nullable()
      .default(null)
      .meta({ description: 'Name of this process among the replicas on the same database; null: the host name.' }),
    leaseFor: durationText({
      description:
        'How long accounts stay with a process that no longer renews its leases in the database, before another may take them over. 3s to 10m.',
    }).prefault('15s'),
    advertise: baseUrlText({ description: 'The address of an HTTP API.' }).nullable().default(null).meta({
      description:
        'Where other replicas reach the HTTP API of this one, such as http://10.0.0.7:9847; null: they do not, so it answers for its own accounts alone.',
    }),
    ...ownToken(
      'token',
      'Token that replicas show each other; all have the same one. It allows everything that `api.token` does.',
    ),
  })
  .check(notTogether('token', 'tokenFile'));

const defaults = z.strictObject({
  probe: probeOverrides.prefault({}).meta({ description: 'How instances are probed.' }),
  restart: restartOverrides.prefault({}).meta({ description: 'When and how often instances are restarted.' }),
  activity: activityOverrides
    .prefault({})
    .meta({ description: 'When a connected instance counts as silent, because no messages flow through it.' }),
});

const connectivity = z.strictObject({
  targets: z.array(targetText()).max(100).default([]).meta({
    description:
      'Addresses that are reachable while the network of the watchdog is up: tcp://host:port or https://…; none: no check.',
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

/** The main file. */
export const configFile = z.strictObject({
  listen: listenText({ description: 'host:port for metrics, health, API and status page; port 0 takes any free one.' }),
  lang: z.enum(LANGUAGES).nullable().default(null).meta({
    description:
      'Language of messages, tables, remedies and the status page: en or pt-BR. null: that of the environment (LANG), on the status page that of the browser. Log, causes and API are English in any case.',
  }),
  timezone: timezoneText({ description: 'IANA zone' }).nullable().default(null).meta({
    description:
      'IANA time zone, such as America/Sao_Paulo, of the days and months of the history (status page, public page, API, CSV, `report`), and of times in messages and on the public page; null: that of this machine (TZ). Cron expressions have their own `timezone`.',
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
    .meta({ description: 'Distinguishes an outage of the network of the watchdog from one of a gateway.' }),
  heartbeat: heartbeat.nullable().prefault(null).meta({
    description:
      'A dead-man switch: it gets a request at regular intervals while the probe loop makes progress, and raises an alarm when they stop.',
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
      'true: a reload may remove or disable more than half of a fleet of ten or more, or remove all files of a pattern of `include` together with their folder. Otherwise such a reload is refused, because it is usually an accident.',
  }),
});

export type ConfigInput = z.output<typeof configFile>;
