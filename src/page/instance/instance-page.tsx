import { useEffect, useRef, useState } from 'preact/hooks';
import type { EventView, InstanceDetailView, InstanceView } from '../../http/views/schemas.ts';
import { ActionDialog } from '../dialogs/action-dialog.tsx';
import { INSTANCE_ACTIONS, type Action } from '../state/actions.ts';
import { HeartbeatBar } from '../parts/heartbeat-bar.tsx';
import { IncidentTimeline } from './incident-timeline.tsx';
import { InstanceFacts } from './instance-facts.tsx';
import { useInstanceDetail } from './instance-detail.ts';
import { LatencyPlot } from './latency-plot.tsx';
import { isSick } from '../state/fleet-query.ts';
import { useValue } from '../state/observable.ts';
import { fleetHref } from '../state/route.ts';
import { BeatLegend } from '../parts/beat-legend.tsx';
import { LackNote } from '../parts/lack-note.tsx';
import { useTitle } from '../parts/title.ts';
import { PastCard } from './past-card.tsx';
import { KindBadge } from '../parts/kind-badge.tsx';
import { PolicyTable } from './policy-table.tsx';
import { RestartHistory } from './restart-history.tsx';
import { spellSince } from '../speech/lengths.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

/** One instance: its phase, the cause, its restarts, and the actions. */
export function InstancePage({ name }: { readonly name: string }) {
  const { state } = usePage();
  const { frame, instance } = useSpeech().page;
  const row = useValue(state.rows)?.get(name);
  const now = useValue(state.now);
  const { detail, events, missing, lacking } = useInstanceDetail(name);
  const heading = useRef<HTMLHeadingElement>(null);
  const view = row === undefined ? detail : withWords(row.view, detail);
  const query = useValue(state.query);
  useTitle(view?.displayName ?? name);
  useEffect(() => {
    heading.current?.focus();
  }, [name]);
  return (
    <article class={`instance${view === null || view.pause === null ? '' : ' instance-paused'}`} data-name={name}>
      <p class="back">
        <a href={fleetHref(query)}>← {frame.back}</a>
      </p>
      <header class="instance-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {view?.displayName ?? name}
          </h1>
          {view !== null && (
            <p class="more">
              {view.displayName === null ? '' : `${name} · `}
              {view.account} · {view.gateway} · {view.phoneNumberId}
            </p>
          )}
        </div>
        {view !== null && <Standing view={view} now={now} />}
        {view !== null && <Actions view={view} />}
      </header>
      {missing && <p class="empty">{instance.missing}</p>}
      {lacking && <LackNote lines={[frame.lacking]} />}
      {view !== null && <InstanceFacts view={view} now={now} />}
      {row !== undefined && (
        <section class="card card-beats" aria-label={instance.heartbeats}>
          <HeartbeatBar letters={row.heartbeats} />
          <BeatLegend />
        </section>
      )}
      {detail === null ? (
        !missing && !lacking && <p class="empty">{frame.loading}</p>
      ) : (
        <Cards detail={detail} events={events} now={now} />
      )}
    </article>
  );
}

/** With what the last answer said, which the stream of probes leaves out. */
function withWords(view: InstanceView, loaded: InstanceView | null): InstanceView {
  const { lastProbe } = view;
  if (lastProbe === null || lastProbe.detail !== null || loaded?.lastProbe?.cause !== lastProbe.cause) return view;
  return { ...view, lastProbe: { ...lastProbe, detail: loaded.lastProbe.detail } };
}

function Standing({ view, now }: { readonly view: InstanceView; readonly now: number }) {
  const { words, page } = useSpeech();
  const phase = view.enabled ? view.phase : 'disabled';
  return (
    <p class="standing" data-phase={phase}>
      <KindBadge kind={phase} />
      {view.pause !== null && <KindBadge kind="paused" />}
      {view.acknowledged !== null && <KindBadge kind="acknowledged" />}
      {view.activity.silentSince !== null && <KindBadge kind="silent" />}
      <span>
        {page.instance.for(spellSince(view.since, now))} {words.phases[phase].means}
      </span>
    </p>
  );
}

function Actions({ view }: { readonly view: InstanceView }) {
  const { state } = usePage();
  const { instance, actions } = useSpeech().page;
  const [action, setAction] = useState<Action | null>(null);
  const writable = useValue(state.status)?.writable ?? true;
  if (!writable) return <p class="more">{instance.readOnly}</p>;
  const offered = INSTANCE_ACTIONS.filter((one) => isOffered(one, view));
  return (
    <div class="actions" role="group" aria-label={instance.actions}>
      {offered.map((one) => (
        <button key={one} type="button" onClick={() => setAction(one)}>
          {actions[one].button}
        </button>
      ))}
      {action !== null && <ActionDialog action={action} name={view.name} onClose={() => setAction(null)} />}
    </div>
  );
}

function isOffered(action: Action, { pause, acknowledged, phase, enabled }: InstanceView): boolean {
  if (action === 'pause' || action === 'resume') return (pause === null) === (action === 'pause');
  // Of what is well, or not down yet, nobody is notified.
  return action !== 'ack' || (enabled && acknowledged === null && isSick({ phase }));
}

interface CardsProps {
  readonly detail: InstanceDetailView;
  readonly events: readonly EventView[];
  readonly now: number;
}

function Cards({ detail, events, now }: CardsProps) {
  const { instance } = useSpeech().page;
  return (
    <div class="cards">
      <section class="card card-past" aria-labelledby="past">
        <h2 id="past">{instance.availability}</h2>
        <PastCard name={detail.name} />
      </section>
      <section class="card" aria-labelledby="latency">
        <h2 id="latency">{instance.latency}</h2>
        <LatencyPlot probes={detail.probes} />
      </section>
      <section class="card" aria-labelledby="restarts">
        <h2 id="restarts">{instance.restarts}</h2>
        <RestartHistory history={detail.history} now={now} />
      </section>
      <section class="card" aria-labelledby="timeline">
        <h2 id="timeline">{instance.timeline}</h2>
        <IncidentTimeline events={events} now={now} />
      </section>
      <section class="card" aria-labelledby="policy">
        <h2 id="policy">{instance.policy}</h2>
        <PolicyTable policy={detail.policy} />
      </section>
    </div>
  );
}
