import type { FleetState } from '../state/fleet-state.ts';
import { noticesOf, type Notice } from '../state/notices.ts';
import { useValue } from '../state/observable.ts';

const SIGNS: Readonly<Record<Notice['level'], string>> = { bad: '!', warn: '△', info: 'i' };
const LEVELS: Readonly<Record<Notice['level'], string>> = { bad: 'Trouble', warn: 'Warning', info: 'Note' };

/** What affects the fleet as a whole. */
export function Banner({ state }: { readonly state: FleetState }) {
  const status = useValue(state.status);
  const notices = status === null ? [] : noticesOf(status);
  if (notices.length === 0) return null;
  return (
    <section class="notices" aria-label="What affects the whole fleet">
      {notices.map((notice) => (
        <NoticeBox key={notice.title} notice={notice} />
      ))}
    </section>
  );
}

function NoticeBox({ notice: { level, title, text, details } }: { readonly notice: Notice }) {
  return (
    <div class={`notice notice-${level}`}>
      <span class="notice-sign" aria-hidden="true">
        {SIGNS[level]}
      </span>
      <div>
        <p>
          <span class="hidden">{LEVELS[level]}: </span>
          <strong>{title}.</strong> {text}
        </p>
        {details.length > 0 && (
          <ul class="notice-details">
            {details.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
