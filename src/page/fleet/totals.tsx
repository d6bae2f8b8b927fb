import { useMemo } from 'preact/hooks';
import { countMarks, countPhases, MARKS, toggleMark, togglePhase } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useValue } from '../state/observable.ts';
import { MarkIcon, PhaseIcon } from '../parts/phase-badge.tsx';
import { SHOWN_PHASES } from '../../language/words.ts';
import { useSpeech } from '../speech/speech.ts';

/** How many instances are in each phase; each number is a filter. */
export function Totals({ state, rows }: { readonly state: FleetState; readonly rows: Rows }) {
  const speech = useSpeech();
  const { fleet } = speech.page;
  const query = useValue(state.query);
  const counts = useMemo(() => countPhases(rows), [rows]);
  return (
    <div class="totals" role="group" aria-label={fleet.filterByPhase}>
      <button
        type="button"
        class="total phase-all"
        aria-pressed={query.phases.size === 0 && query.marks.size === 0}
        onClick={() => state.query.set({ ...query, phases: new Set(), marks: new Set() })}
      >
        <span class="total-label">{fleet.all}</span>
        <span class="total-number">{speech.number(rows.size)}</span>
      </button>
      {SHOWN_PHASES.map((phase) => {
        const many = counts.get(phase) ?? 0;
        // Most fleets have none of them, and empty totals would only take space.
        if (phase === 'disabled' && many === 0 && !query.phases.has(phase)) return null;
        return (
          <button
            key={phase}
            type="button"
            class={`total phase-${phase}${many === 0 ? ' total-none' : ''}`}
            aria-pressed={query.phases.has(phase)}
            title={speech.words.phases[phase].means}
            onClick={() => state.query.set(togglePhase(query, phase))}
          >
            <span class="total-label">
              <PhaseIcon phase={phase} />
              {speech.words.phases[phase].label}
            </span>
            <span class="total-number">{speech.number(many)}</span>
          </button>
        );
      })}
      {MARKS.map((mark) => {
        const many = countMarks(rows, mark);
        // As for disabled ones.
        if ((mark === 'acknowledged' || mark === 'silent') && many === 0 && !query.marks.has(mark)) return null;
        const { label, means } = fleet.marks[mark];
        return (
          <button
            key={mark}
            type="button"
            class={`total mark-${mark}${many === 0 ? ' total-none' : ''}`}
            aria-pressed={query.marks.has(mark)}
            title={means}
            onClick={() => state.query.set(toggleMark(query, mark))}
          >
            <span class="total-label">
              <MarkIcon mark={mark} />
              {label}
            </span>
            <span class="total-number">{speech.number(many)}</span>
          </button>
        );
      })}
    </div>
  );
}
