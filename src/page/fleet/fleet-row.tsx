import type { InstanceView } from '../../http/views/schemas.ts';
import type { Row } from '../state/fleet-rows.ts';
import { HeartbeatBar } from '../parts/heartbeat-bar.tsx';
import { nextRestart } from '../parts/next-restart.ts';
import { KindBadge } from '../parts/kind-badge.tsx';
import { groupOf, hasMark, type GroupBy } from '../state/fleet-query.ts';
import { instanceHref } from '../state/route.ts';
import { spellSince } from '../speech/lengths.ts';
import { useSpeech } from '../state/page-context.ts';

interface Props {
  readonly row: Row;
  /** From 1: the head of the table. */
  readonly index: number;
  readonly now: number;
  readonly groupBy: GroupBy | null;
  /** The user goes to the page of an instance. */
  readonly onLeave: (name: string) => void;
}

/** One instance in the table. The roles are explicit because a table that is laid out as a grid loses them. */
export function FleetRow({ row, index, now, groupBy, onLeave }: Props) {
  const speech = useSpeech();
  const { view, phase, heartbeats } = row;
  const restart = nextRestart(view, now, speech);
  const isPaused = hasMark(row, 'paused');
  const title = view.displayName ?? view.name;
  const others = [view.displayName === null ? null : view.name, view.account, view.phoneNumberId]
    .filter((part) => part !== null)
    .join(' · ');
  const kinds = `row kind-${phase}${isPaused ? ' row-paused' : ''}`;
  return (
    <tr class={kinds} role="row" aria-rowindex={index} data-name={view.name} data-phase={phase}>
      <th class="cell cell-name" role="rowheader" scope="row">
        <a class="main" href={instanceHref(view.name)} title={title} onClick={() => onLeave(view.name)}>
          {title}
        </a>
        <span class="more" title={others}>
          {others}
        </span>
      </th>
      <td class="cell cell-phase" role="cell">
        <KindBadge kind={phase} />
        {isPaused && <KindBadge kind="paused" />}
        {hasMark(row, 'acknowledged') && <KindBadge kind="acknowledged" />}
        {hasMark(row, 'silent') && <KindBadge kind="silent" />}
      </td>
      <td class="cell cell-since" role="cell">
        <time dateTime={view.since} title={speech.localTime(view.since)}>
          {spellSince(view.since, now)}
        </time>
      </td>
      {groupBy !== null && (
        <td class="cell cell-group" role="cell" title={groupOf(row, groupBy)}>
          {groupOf(row, groupBy)}
        </td>
      )}
      <td class="cell cell-beats" role="cell">
        <HeartbeatBar letters={heartbeats} />
      </td>
      <td class="cell cell-cause" role="cell">
        <Cause view={view} now={now} />
      </td>
      <td class={`cell cell-restart${restart.held ? ' held' : ''}`} role="cell" data-label={speech.page.fleet.restart}>
        <span class="main">{restart.main}</span>
        <span class="more" title={restart.more}>
          {restart.more}
        </span>
      </td>
    </tr>
  );
}

function Cause({ view, now }: { readonly view: InstanceView; readonly now: number }) {
  const { lastProbe, remedy, blindSince } = view;
  const { silentSince } = view.activity;
  const speech = useSpeech();
  const { fleet } = speech.page;
  if (lastProbe === null) return <span class="more">{fleet.notProbed}</span>;
  const known = blindSince === null ? '' : fleet.nothingKnownFor(spellSince(blindSince, now));
  const silent = silentSince === null ? '' : fleet.noLifeFor(spellSince(silentSince, now));
  const more = [known, silent, speech.remedy(remedy) ?? speech.detail(lastProbe.detail) ?? '']
    .filter((text) => text !== '')
    .join(': ');
  return (
    <>
      <span class="main">
        {speech.words.causes[lastProbe.cause]}
        <span class="when"> {speech.ago(lastProbe.at, now)}</span>
      </span>
      <span class="more" title={more}>
        {more}
      </span>
    </>
  );
}
