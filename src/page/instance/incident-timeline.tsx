import type { EventView } from '../../http/views/schemas.ts';
import { ago, localTime } from '../state/words.ts';

const SIGNS: Readonly<Record<EventView['level'], string>> = { debug: '·', info: '●', warn: '▲', error: '■' };
const LEVELS: Readonly<Record<EventView['level'], string>> = {
  debug: 'detail',
  info: 'note',
  warn: 'warning',
  error: 'error',
};

/** What happened to an instance, the newest first; `events`: the oldest first. */
export function IncidentTimeline({ events, now }: { readonly events: readonly EventView[]; readonly now: number }) {
  if (events.length === 0) return <p class="empty">Nothing has happened lately.</p>;
  return (
    <div class="scroll" role="region" aria-label="Events, the newest first" tabIndex={0}>
      <ol class="timeline">
        {[...events].reverse().map(({ id, at, level, message, type }) => (
          <li key={id} class={`happened level-${level}`}>
            <span class="happened-sign" aria-hidden="true">
              {SIGNS[level]}
            </span>
            <time dateTime={at} title={localTime(at)}>
              {ago(at, now)}
            </time>
            <span>
              <span class="hidden">{LEVELS[level]}: </span>
              {message}
              <code class="happened-type">{type.replaceAll('_', ' ')}</code>
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
