import { createRoute, z } from '@hono/zod-openapi';
import { groupsOf, type GroupKey } from '../../history/group-history.ts';
import { LANGUAGES } from '../../language/language.ts';
import { INCIDENT_KINDS, type Incident } from '../../history/incident.ts';
import type { Instance } from '../../runtime/fleet/instance.ts';
import type { Access } from '../access/access.ts';
import type { HttpApp, HttpParts } from '../http-parts.ts';
import type { Load } from '../load/load.ts';
import { HttpProblem } from '../problem.ts';
import { answer, failure, instanceName, NO_SUCH_INSTANCE, READ_FAILURES, wholeNumber } from '../routes/documented.ts';
import { joinedGroups, withLasting } from '../peers/joined-history.ts';
import { instanceNamed } from '../routes/instance-routes.ts';
import { AvailabilityView, GroupAvailabilityView, IncidentView } from '../views/history-schemas.ts';
import { ChangingAccounts, list, MissingParts } from '../views/schemas.ts';
import type { GroupPasts } from './group-pasts.ts';
import { csvAnswer, wantsCsv } from './csv-answer.ts';
import { incidentsCsv, pastCsv } from './history-csv.ts';
import { GroupsPart, IncidentsPart, partsOfOthers, requireAll, restOf } from './history-of-others.ts';
import { incidentView, pastOfOneView } from './history-view.ts';

const MOST_INCIDENTS = 1_000;

const format = z
  .enum(['json', 'csv'])
  .default('json')
  .openapi({ description: 'csv: a line for each entry, for spreadsheets; also by Accept: text/csv.' });
const lang = z.enum(LANGUAGES).default('en').openapi({
  description: 'The signs of a CSV. pt-BR: semicolons and decimal commas, as spreadsheets in Brazil read them.',
});
const steps = z.enum(['hours', 'days', 'months']).default('days').openapi({ description: 'The lines of a CSV.' });
const label = z
  .string()
  .regex(/^[^=]+=/, 'write it as key=value')
  .optional()
  .openapi({ description: 'Only instances with this label, as key=value.' });
export const groupBy = z
  .string()
  .regex(/^(all|account|label:.+)$/, 'must be all, account or label:KEY')
  .transform((text) => text as GroupKey);

const FAILURES = {
  400: failure('A parameter is not valid.'),
  503: failure('The history cannot be read now, or too many long answers are being made.'),
  ...READ_FAILURES,
} as const;

const ofInstance = createRoute({
  method: 'get',
  path: '/api/v1/instances/{name}/availability',
  summary: 'The past of one instance: availability, restarts and latency by span, hour, day and month',
  request: { params: instanceName, query: z.object({ format, lang, steps }) },
  responses: { 200: answer('Its past.', AvailabilityView), ...NO_SUCH_INSTANCE, ...FAILURES },
});

const ofGroups = createRoute({
  method: 'get',
  path: '/api/v1/availability',
  summary: 'The same of accounts, of the values of a label, or of all instances together',
  request: {
    query: z.object({
      groupBy: groupBy.default('account').openapi({ type: 'string', description: 'all, account, or label:KEY.' }),
      account: z.string().optional().openapi({ description: 'Only instances of this account.' }),
      ...{ label, format, lang, steps },
    }),
  },
  responses: {
    200: answer(
      'Each group.',
      z.strictObject({ groups: list(GroupAvailabilityView), missing: MissingParts, changing: ChangingAccounts }),
    ),
    ...FAILURES,
  },
});

const incidents = createRoute({
  method: 'get',
  path: '/api/v1/incidents',
  summary: 'What was wrong: incidents that last, and then those that are over, the last one first',
  request: {
    query: z.object({
      name: z.string().optional().openapi({ description: 'Only incidents of this instance.' }),
      account: z.string().optional(),
      label,
      kind: z.enum(INCIDENT_KINDS).optional(),
      state: z.enum(['all', 'open', 'ended']).default('all'),
      before: z.iso
        .datetime()
        .transform((text) => Date.parse(text))
        .optional()
        .openapi({ type: 'string', description: 'Only incidents that ended before: nextBefore of the last page.' }),
      limit: wholeNumber(1, MOST_INCIDENTS).default(100),
      ...{ format, lang },
    }),
  },
  responses: {
    200: answer(
      'A page of them.',
      z.strictObject({
        incidents: list(IncidentView),
        nextBefore: z.iso
          .datetime()
          .nullable()
          .openapi({ description: 'Leads to the next page; null: there is none.' }),
        missing: MissingParts,
        changing: ChangingAccounts,
      }),
    ),
    ...FAILURES,
  },
});

/** `GET /api/v1/instances/{name}/availability`, `GET /api/v1/availability` and `GET /api/v1/incidents`. */
export function addHistoryRoutes(
  app: HttpApp,
  parts: HttpParts,
  access: Pick<Access, 'networkOf'>,
  load: Load,
  pasts: GroupPasts,
): void {
  const { clock, fleet, history, peers } = parts;

  app.openapi(ofInstance, async (c) => {
    const instance = instanceNamed(fleet, c.req.valid('param').name);
    const query = c.req.valid('query');
    const [past] = await readable(() => history.of([instance]));
    if (past === undefined) throw new Error('the history of an instance is missing');
    const view = { name: instance.name, account: instance.account.name, ...pastOfOneView(past, history.timezone) };
    if (!wantsCsv(c, query.format)) return c.json(view, 200);
    const named = [{ name: instance.name, dated: view[query.steps] }];
    return csvAnswer(c, pastCsv('name', named, query.lang), instance.name);
  });

  app.openapi(ofGroups, async (c) => {
    const query = c.req.valid('query');
    const chosen = [...fleet().instances.values()].filter((instance) => isChosen(instance, query));
    const groups = groupsOf(chosen, query.groupBy);
    const client = access.networkOf(c);
    const views = await load.lists.run(client, () =>
      readable(async () => {
        const found: GroupAvailabilityView[] = [];
        for (const group of groups) {
          const key = JSON.stringify([query.groupBy, group.name, query.account, query.label]);
          const view = pastOfOneView(await pasts.of(key, group), history.timezone);
          found.push({ group: group.name, instances: group.instances.length, ...view });
        }
        return found;
      }),
    );
    const others = await partsOfOthers(c, parts, GroupsPart, query.account ?? null);
    const joined = others === null ? views : joinedGroups([views, ...others.parts.map((part) => part.groups)]);
    if (!wantsCsv(c, query.format)) return c.json({ groups: joined, ...restOf(c, parts, others) }, 200);
    requireAll(others);
    const named = joined.map(({ group, ...view }) => ({ name: group, dated: view[query.steps] }));
    return csvAnswer(c, pastCsv('group', named, query.lang), 'availability');
  });

  app.openapi(incidents, async (c) => {
    const query = c.req.valid('query');
    const { found, more } = await load.lists.run(access.networkOf(c), () =>
      readable(() => pageOf(history.everyIncident(), query, (incident) => isAbout(incident, query, fleet))),
    );
    const called = (name: string): string | null =>
      fleet().instances.get(name)?.definition.displayName ?? peers?.displayNameOf(name) ?? null;
    const own = found.map((incident) => incidentView(incident, called, clock.now()));
    // What is over is in the database of all of them, and each knows what lasts of its own accounts.
    const hasLasting = query.state !== 'ended' && query.before === undefined;
    const account = query.account ?? (query.name === undefined ? null : (peers?.accountOf(query.name) ?? null));
    const others = hasLasting ? await partsOfOthers(c, parts, IncidentsPart, account, { state: 'open' }) : null;
    const ofOthers = others?.parts.flatMap((part) => part.incidents);
    const views = ofOthers === undefined ? own : withLasting(own, ofOthers);
    const nextBefore = more ? (views.at(-1)?.ended ?? null) : null;
    if (!wantsCsv(c, query.format)) return c.json({ incidents: views, nextBefore, ...restOf(c, parts, others) }, 200);
    requireAll(others);
    return csvAnswer(c, incidentsCsv(views, query.lang), 'incidents');
  });
}

type IncidentQuery = z.output<typeof incidents.request.query>;

function isChosen({ account, definition }: Instance, query: Pick<IncidentQuery, 'account' | 'label'>): boolean {
  if (query.account !== undefined && account.name !== query.account) return false;
  if (query.label === undefined) return true;
  const [key = '', ...value] = query.label.split('=');
  return definition.labels[key] === value.join('=');
}

function isAbout(incident: Incident, query: IncidentQuery, fleet: HttpParts['fleet']): boolean {
  if (query.name !== undefined && incident.name !== query.name) return false;
  if (query.account !== undefined && incident.account !== query.account) return false;
  if (query.kind !== undefined && incident.kind !== query.kind) return false;
  if (query.state !== 'all' && (incident.ended === null) !== (query.state === 'open')) return false;
  if (query.before !== undefined && (incident.ended === null || incident.ended >= query.before)) return false;
  if (query.label === undefined) return true;
  const instance = incident.name === null ? undefined : fleet().instances.get(incident.name);
  return instance !== undefined && isChosen(instance, { label: query.label });
}

/** A page ends only between two ends, so that the next one begins where it stopped. */
async function pageOf(
  all: AsyncIterable<Incident>,
  { limit }: IncidentQuery,
  isWanted: (incident: Incident) => boolean,
): Promise<{ readonly found: readonly Incident[]; readonly more: boolean }> {
  const found: Incident[] = [];
  for await (const incident of all) {
    if (!isWanted(incident)) continue;
    const last = found.at(-1)?.ended;
    if (found.length >= limit && last !== null && last !== incident.ended) return { found, more: true };
    found.push(incident);
  }
  return { found, more: false };
}

/** @throws HttpProblem 503 when the history cannot be read */
export async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'StoreError')) throw error;
    throw new HttpProblem(
      503,
      'The history cannot be read now; GET /api/v1/status says more if the state is in trouble.',
    );
  }
}
