import { useEffect, useRef } from 'preact/hooks';
import type { EventView } from '../../http/views/schemas.ts';
import { Soon } from '../state/page-clock.ts';
import { Observable, useValue } from '../state/observable.ts';
import { usePage, useSpeech } from '../state/page-context.ts';

const AT_MOST_EVERY_MS = 3_000;

/** Announces texts to screen readers. */
export class Announcer {
  readonly text = new Observable('');

  readonly say = (text: string): void => this.text.set(text);
}

/** What screen readers read, politely: answers to actions, and changes of phase, many of them as one. */
export function LiveRegion({ announcer }: { readonly announcer: Announcer }) {
  const { state } = usePage();
  const speech = useSpeech();
  const text = useValue(announcer.text);
  const waiting = useRef<EventView[]>([]);
  useEffect(() => {
    const announce = (): void => {
      const events = waiting.current.splice(0);
      const only = events.length === 1 ? events[0] : undefined;
      announcer.say(
        only === undefined
          ? speech.page.frame.changedPhase(events.length)
          : `${only.name ?? ''}: ${speech.happened(only)}`,
      );
    };
    const next = new Soon(state.clock, announce);
    const end = state.onEvent((event) => {
      if (event.type !== 'phase_changed') return;
      waiting.current.push(event);
      next.request(AT_MOST_EVERY_MS);
    });
    return () => {
      next.cancel();
      end();
    };
  }, [announcer, state, speech]);
  return (
    <div class="hidden" aria-live="polite" data-live="true">
      {text}
    </div>
  );
}
