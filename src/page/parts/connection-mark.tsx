import { useValue } from '../state/observable.ts';
import { spell } from '../speech/lengths.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

/** Whether the shown data is live, and how old it is if not. */
export function ConnectionMark({ retry }: { readonly retry: () => void }) {
  const { state } = usePage();
  const { frame } = useSpeech().page;
  useValue(state.now);
  const connection = useValue(state.connection);
  const stale = state.staleFor();
  const age = stale === null ? null : frame.dataIsOld(spell(stale / 1_000));
  if (connection.state === 'live') return <Mark kind={age === null ? 'live' : 'stale'} text={age ?? frame.live} />;
  if (connection.state === 'connecting') return <Mark kind="stale" text={frame.connecting} />;
  const text = connection.state === 'locked' ? frame.tokenNeeded : frame.notConnected;
  return (
    <div class="connection">
      <Mark kind="stale" text={age === null ? text : `${text}, ${age}`} />
      <button type="button" onClick={retry}>
        {connection.state === 'locked' ? frame.enterToken : frame.tryNow}
      </button>
    </div>
  );
}

function Mark({ kind, text }: { readonly kind: 'live' | 'stale'; readonly text: string }) {
  return (
    <span class={`mark mark-${kind}`} data-connection={kind}>
      <svg class="mark-shape" viewBox="0 0 10 10" aria-hidden="true">
        <path d={kind === 'live' ? 'M5 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8z' : 'M5 .5l4.8 8.7H.2z'} />
      </svg>
      {text}
    </span>
  );
}

/** Shows above the data that it is stale, and why. */
export function StaleNote() {
  const { state } = usePage();
  const { frame } = useSpeech().page;
  useValue(state.now);
  const connection = useValue(state.connection);
  const stale = state.staleFor();
  if (stale === null) return null;
  const why = connection.state === 'lost' ? connection.why : frame.noData;
  return (
    <div class="notice notice-warn" data-stale="true">
      <span class="notice-sign" aria-hidden="true">
        ↯
      </span>
      <p>
        <strong>{frame.stale(spell(stale / 1_000))}</strong> {why} {frame.reconnects}
      </p>
    </div>
  );
}
