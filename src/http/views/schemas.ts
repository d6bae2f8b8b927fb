import { z } from '@hono/zod-openapi';
import { HOLDS, OUTCOMES, PHASES, TRIGGERS, type JsonValue } from '../../core/instance/instance.ts';
import { EVERY_CAUSE, VERDICTS } from '../../core/verdict.ts';

/** What the API shows. Each name is both a schema and its type. */

/** Something with these fields and no others, which is only read. */
export const view = <Fields extends z.ZodRawShape>(fields: Fields) => z.strictObject(fields).readonly();
/** Some of the same kind, which are only read. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

export const time = z.iso.datetime().openapi({ description: 'ISO 8601, UTC.' });
export const seconds = z.number().openapi({ description: 'Seconds.' });

export const phase = z.enum(PHASES, { error: `must be one of ${PHASES.join(', ')}` }).openapi('Phase');
const verdict = z.enum(VERDICTS).openapi('Verdict');
const cause = z.enum(EVERY_CAUSE).openapi('Cause');

export type RestartRecordView = z.output<typeof RestartRecordView>;
export const RestartRecordView = view({
  at: time,
  trigger: z.enum(TRIGGERS),
  requestedBy: z.string().nullable(),
  outcome: z.enum(OUTCOMES).nullable().openapi({ description: 'Null while the call is in flight.' }),
  httpStatus: z.int().nullable(),
  body: z
    .custom<JsonValue>(() => true)
    .openapi({
      type: ['null', 'boolean', 'number', 'string', 'array', 'object'],
      description: "The gateway's answer, bounded, with secrets masked.",
    }),
  from: phase.openapi({ description: 'The phase before it.' }),
  harmed: z.boolean().openapi({ description: 'It needed a human after it, and did not before.' }),
  healed: z.boolean(),
  secondsToHeal: seconds.nullable(),
}).openapi('Restart');

export type LastProbeView = z.output<typeof LastProbeView>;
export const LastProbeView = view({ at: time, verdict, cause, detail: z.string().nullable(), seconds }).openapi(
  'Probe',
);

export type RestartView = z.output<typeof RestartView>;
const RestartView = view({
  attempt: z.int(),
  dueAt: time.nullable().openapi({ description: 'When cooldown and budget allow the restart that is due.' }),
  holds: list(z.enum(HOLDS).openapi('Hold')),
  cooldownUntil: time.nullable(),
  budget: view({ restarts: z.int(), per: seconds, spent: z.int(), freesAt: time.nullable() }),
  // Not nullable(): the document would then allow null for every restart.
  last: z.union([RestartRecordView, z.null()]),
});

/** An instance as API, `status --json` and live stream show it. Times are ISO 8601 in UTC, durations seconds. */
export type InstanceView = z.output<typeof InstanceView>;
const instanceFields = {
  name: z.string(),
  displayName: z.string().nullable().openapi({ description: 'What people call it; null: nothing else.' }),
  account: z.string(),
  gateway: z.string(),
  phoneNumberId: z.string(),
  labels: z.record(z.string(), z.string()).readonly(),
  enabled: z.boolean(),
  discovered: z.boolean().openapi({ description: 'The gateway lists it, and the config does not name it.' }),
  phase,
  since: time,
  nextProbeAt: time.nullable().openapi({
    description: 'Null while a probe or a restart call is under way, and when the instance is disabled.',
  }),
  lastProbe: z.union([LastProbeView, z.null()]),
  consecutiveFailures: z.int(),
  failingSince: time.nullable(),
  blindSince: time.nullable().openapi({
    description: 'Since when no answer has been conclusive, so that nothing is known of it; null: something is.',
  }),
  activity: view({
    lastAt: time.nullable().openapi({ description: 'The last sign of life that this process heard of.' }),
    expected: z.boolean().openapi({ description: 'Whether signs of life are expected of it.' }),
    silentSince: time.nullable().openapi({
      description: 'The last sign of life before its silence, or when counting began; null: it is not silent.',
    }),
    restartedAt: time.nullable().openapi({ description: 'The restart that its silence got; null: none.' }),
  }),
  remedy: z.string().nullable().openapi({ description: 'What a person can do; null: nothing.' }),
  restart: RestartView,
  pause: view({ reason: z.string(), by: z.string(), since: time, until: time.nullable() }).nullable(),
  acknowledged: view({ reason: z.string().nullable(), by: z.string(), since: time, until: time.nullable() })
    .nullable()
    .openapi({ description: 'Messages about its trouble are silent until it ends; null: they are not.' }),
};
export const InstanceView = view(instanceFields).openapi('Instance');

export const ListedInstance = view({
  ...instanceFields,
  heartbeats: z.string().optional().openapi({
    description:
      'With heartbeats=true: the last 60 verdicts, oldest first, a letter each (h u t n i: healthy, unhealthy, transitional, needs_human, inconclusive).',
  }),
}).openapi('ListedInstance');

export type PolicyView = z.output<typeof PolicyView>;
const PolicyView = view({
  probe: view({
    every: seconds.optional(),
    cron: z.string().optional(),
    timezone: z.string().optional(),
    retryEvery: seconds,
    recoverEvery: seconds,
    timeout: seconds,
    failureThreshold: z.int(),
    successThreshold: z.int(),
    connectingGrace: seconds,
    pairingGrace: seconds,
    failuresWithin: view({ failures: z.int(), probes: z.int() }),
    bulk: z.boolean(),
  }),
  restart: view({
    enabled: z.boolean(),
    grace: seconds,
    cooldown: seconds,
    backoff: view({ factor: z.number(), max: seconds, jitter: z.number() }),
    stableFor: seconds,
    budget: view({ restarts: z.int(), per: seconds }),
    timeout: seconds,
    retries: z.int(),
    schedule: z.string().nullable(),
    timezone: z.string().nullable(),
  }),
  activity: view({
    silentAfter: seconds.nullable(),
    during: z.string().nullable(),
    timezone: z.string().nullable(),
    restart: z.boolean(),
    echo: view({ every: seconds, to: z.string() }).nullable(),
  }),
}).openapi('Policy');

/** An instance with everything remembered about it, oldest first, and its policy. */
export type InstanceDetailView = z.output<typeof InstanceDetailView>;
export const InstanceDetailView = view({
  ...instanceFields,
  history: list(RestartRecordView),
  heartbeats: list(verdict),
  probes: list(view({ at: time, verdict, cause, seconds })),
  policy: PolicyView,
}).openapi('InstanceDetail');

export type EventView = z.output<typeof EventView>;
export const EventView = z
  .looseObject({
    id: z.int(),
    at: time,
    type: z.string(),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string().openapi({ description: 'What happened, for people.' }),
    name: z.string().optional(),
    account: z.string().optional(),
  })
  .readonly()
  .openapi('Event', { description: 'Further members are the fields of the log line.' });

const byPhase = z.record(phase, z.int()).readonly();
const ProblemPlace = view({
  file: z.string(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  path: z.string(),
  message: z.string(),
  remedy: z.string(),
}).openapi('ConfigProblem');

/** A replica whose part of an answer is missing. */
export type MissingPart = z.output<typeof MissingPart>;
export const MissingPart = view({ replica: z.string(), reason: z.string() }).openapi('MissingPart');
/** Missing: no other replica has a part of the answer. */
export const ChangingAccounts = list(z.string())
  .optional()
  .openapi({ description: 'Accounts whose owner is changing, so that their instances are missing.' });
/** Missing: no other replica has a part of the answer, or all gave theirs. */
export const MissingParts = list(MissingPart)
  .optional()
  .openapi({ description: 'Replicas whose part is missing, and why.' });

export type StatusView = z.output<typeof StatusView>;
export const StatusView = view({
  version: z.string(),
  startedAt: time,
  now: time,
  generation: z.string().openapi({ description: 'Changes with each restart of the daemon and each reload.' }),
  instances: view({ total: z.int(), disabled: z.int(), byPhase }),
  accounts: list(
    view({
      name: z.string(),
      gateway: z.string(),
      instances: z.int(),
      byPhase,
      storm: z.boolean(),
      gatewayOutage: z.boolean(),
      harmful: z.boolean().openapi({
        description: 'Restarts did harm, so that none is made by itself until a person releases the account.',
      }),
      blind: z.boolean().openapi({ description: 'Nothing is known of most of its instances.' }),
      silent: z.boolean().openapi({ description: 'Most of its instances show no sign of life at the same time.' }),
      refused: z.union([cause, z.null()]).openapi({
        description: 'Why the gateway refuses most of its instances; null: it does not.',
      }),
      bulk: view({ cause, detail: z.string().nullable() })
        .nullable()
        .openapi({ description: 'Why its list cannot take the place of probes; null: it can, or is not to.' }),
      discovery: view({
        listedAt: time.nullable().openapi({ description: 'The last list that was followed.' }),
        instances: z.int().openapi({ description: 'How many of its list are watched.' }),
        unusable: z.int().openapi({ description: 'How many entries of its list cannot be.' }),
        trouble: z.string().nullable().openapi({
          description: 'Why the list is not followed now, so that all stays as it is; null: it is.',
        }),
      })
        .nullable()
        .openapi({ description: 'The instances that its gateway lists; null: none are looked for.' }),
    }),
  ),
  remedyTexts: z.record(z.string(), z.record(z.string(), z.string()).readonly()).readonly().openapi({
    description: 'What gateways say by themselves of what a person can do: by `gateway` of an account, and by cause.',
  }),
  ownNetwork: view({ up: z.boolean() }),
  troubles: list(view({ kind: z.string(), account: z.string().nullable(), since: time })).openapi({
    description: 'Incidents of accounts and of the watchdog that last, and since when.',
  }),
  config: view({
    lastReloadSuccessful: z.boolean(),
    lastSuccessAt: time,
    problems: list(ProblemPlace),
    waitingForRestart: list(z.string()),
  }),
  dryRun: z.boolean(),
  durable: z.boolean().openapi({ description: 'Whether the state survives a restart of the process.' }),
  stateTrouble: z.string().nullable().openapi({
    description: 'Why the stored state cannot be used; nothing is restarted until it can be. Null: it can.',
  }),
  unsaved: z.int().openapi({ description: 'Instances whose newest state is not on disk now.' }),
  maintenance: list(
    view({
      name: z.string(),
      accounts: list(z.string()),
      instances: list(z.string()),
    }),
  ).openapi({ description: 'The windows that are open now.' }),
  replicas: list(
    view({
      replica: z.string(),
      accounts: z.int(),
      instances: z.int(),
      config: z
        .string()
        .optional()
        .openapi({ description: 'Fingerprint of its config, the same for the same config.' }),
      leaseTrouble: z.string().nullable().optional().openapi({
        description: 'Why its leases are not renewed, so that it restarts nothing. Null: they are.',
      }),
    }),
  )
    .optional()
    .openapi({ description: 'Where several share the accounts: those whose part this is.' }),
  missing: MissingParts,
  changing: ChangingAccounts,
  writable: z.boolean().openapi({ description: 'Whether an api.token is configured.' }),
}).openapi('Status');

export const ProblemBody = z
  .looseObject({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.int(),
    detail: z.string().openapi({ description: 'What is wrong and what to do, for people.' }),
  })
  .openapi('Problem', { description: 'RFC 9457.' });
