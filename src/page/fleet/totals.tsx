import { useMemo } from 'preact/hooks';
import { countKinds, KINDS, toggleKind, type Kind } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import { useValue } from '../state/observable.ts';
import { KindIcon } from '../parts/kind-badge.tsx';
import { usePage, useSpeech } from '../state/page-context.ts';

/** Most fleets have none of them, and empty totals would only take space. */
const RARE: ReadonlySet<Kind> = new Set(['disabled', 'acknowledged', 'silent']);

/** How many instances are of each kind; each number is a filter. */
export function Totals({ rows }: { readonly rows: Rows }) {
  const { state } = usePage();
  const speech = useSpeech();
  const { fleet } = speech.page;
  const query = useValue(state.query);
  const counts = useMemo(() => countKinds(rows), [rows]);
  return (
    <div class="totals" role="group" aria-label={fleet.filterByPhase}>
      <button
        type="button"
        class="total kind-all"
        aria-pressed={query.kinds.size === 0}
        onClick={() => state.query.set({ ...query, kinds: new Set() })}
      >
        <span class="total-label">{fleet.all}</span>
        <span class="total-number">{speech.number(rows.size)}</span>
      </button>
      {KINDS.map((kind) => {
        const many = counts.get(kind) ?? 0;
        const isChosen = query.kinds.has(kind);
        if (RARE.has(kind) && many === 0 && !isChosen) return null;
        const { label, means } = speech.kinds[kind];
        return (
          <button
            key={kind}
            type="button"
            class={`total kind-${kind}${many === 0 ? ' total-none' : ''}`}
            aria-pressed={isChosen}
            title={means}
            onClick={() => state.query.set(toggleKind(query, kind))}
          >
            <span class="total-label">
              <KindIcon kind={kind} />
              {label}
            </span>
            <span class="total-number">{speech.number(many)}</span>
          </button>
        );
      })}
    </div>
  );
}
