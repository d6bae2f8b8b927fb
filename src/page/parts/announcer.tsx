import { useEffect, useRef } from 'preact/hooks';
import type { EventView } from '../../http/views/schemas.ts';
import { Soon } from '../state/page-clock.ts';
import { useValue } from '../state/observable.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

const AT_MOST_EVERY_MS = 3_000;

/** What screen readers read, politely: answers to actions, and changes of phase, many of them as one. */
export function LiveRegion() {
  const { state, announced } = usePage();
  const speech = useSpeech();
  const text = useValue(announced);
  const waiting = useRef<EventView[]>([]);
  useEffect(() => {
    const announce = (): void => {
      const events = waiting.current.splice(0);
      const only = events.length === 1 ? events[0] : undefined;
      announced.set(
        only === undefined
          ? speech.page.frame.changedPhase(events.length)
          : `${only.name ?? ''}: ${speech.happened(only)}`,
      );
    };
    const next = new Soon(state.clock, announce);
    const end = state.event.subscribe((event) => {
      if (event?.type !== 'phase_changed') return;
      waiting.current.push(event);
      next.request(AT_MOST_EVERY_MS);
    });
    return () => {
      next.cancel();
      end();
    };
  }, [announced, state, speech]);
  return (
    <div class="hidden" aria-live="polite" data-live="true">
      {text}
    </div>
  );
}
