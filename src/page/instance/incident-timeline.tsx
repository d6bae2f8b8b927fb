import type { EventView } from '../../http/views/schemas.ts';
import { useSpeech } from '../state/page-context.ts';

const SIGNS: Readonly<Record<EventView['level'], string>> = { debug: '·', info: '●', warn: '▲', error: '■' };

/** What happened to an instance, the newest first; `events`: the oldest first. */
export function IncidentTimeline({ events, now }: { readonly events: readonly EventView[]; readonly now: number }) {
  const speech = useSpeech();
  const words = speech.page.instance;
  if (events.length === 0) return <p class="empty">{words.nothingHappened}</p>;
  return (
    <div class="scroll" role="region" aria-label={words.eventList} tabIndex={0}>
      <ol class="timeline">
        {[...events].reverse().map((event) => (
          <li key={event.id} class={`happened level-${event.level}`}>
            <span class="happened-sign" aria-hidden="true">
              {SIGNS[event.level]}
            </span>
            <time dateTime={event.at} title={speech.localTime(event.at)}>
              {speech.ago(event.at, now)}
            </time>
            <span title={event.message}>
              <span class="hidden">{words.levels[event.level]}: </span>
              {speech.happened(event)}
              <code class="happened-type">{event.type.replaceAll('_', ' ')}</code>
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
