import { countMarks, countPhases, MARKS, toggleMark, togglePhase, type Mark } from '../state/fleet-query.ts';
import type { Rows } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { useMemo } from 'preact/hooks';
import { useValue } from '../state/observable.ts';
import { PausedIcon, PhaseIcon } from '../parts/phase-badge.tsx';
import { PHASE_WORDS, SHOWN_PHASES } from '../state/words.ts';

const MARK_WORDS: Readonly<Record<Mark, { readonly label: string; readonly means: string }>> = {
  paused: { label: 'Paused', means: 'An operator paused its automatic restarts.' },
  blind: { label: 'Blind', means: 'No answer has been conclusive for long, so nothing is known of it.' },
};

/** How many instances are in each phase; each number is a filter. */
export function Totals({ state, rows }: { readonly state: FleetState; readonly rows: Rows }) {
  const query = useValue(state.query);
  const counts = useMemo(() => countPhases(rows), [rows]);
  return (
    <div class="totals" role="group" aria-label="Filter by phase">
      <button
        type="button"
        class="total phase-all"
        aria-pressed={query.phases.size === 0 && query.marks.size === 0}
        onClick={() => state.query.set({ ...query, phases: new Set(), marks: new Set() })}
      >
        <span class="total-label">All</span>
        <span class="total-number">{rows.size.toLocaleString('en')}</span>
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
            title={PHASE_WORDS[phase].means}
            onClick={() => state.query.set(togglePhase(query, phase))}
          >
            <span class="total-label">
              <PhaseIcon phase={phase} />
              {PHASE_WORDS[phase].label}
            </span>
            <span class="total-number">{many.toLocaleString('en')}</span>
          </button>
        );
      })}
      {MARKS.map((mark) => {
        const many = countMarks(rows, mark);
        const { label, means } = MARK_WORDS[mark];
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
              {mark === 'paused' ? <PausedIcon /> : <PhaseIcon phase="unknown" />}
              {label}
            </span>
            <span class="total-number">{many.toLocaleString('en')}</span>
          </button>
        );
      })}
    </div>
  );
}
