import { useState } from 'preact/hooks';
import { EVERYTHING } from '../state/fleet-query.ts';
import { fleetHref } from '../state/route.ts';
import { spellSince } from '../speech/lengths.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { extentOf, extentWords, noticesOf, type Notice } from '../state/notices.ts';
import { useValue } from '../state/observable.ts';
import { ActionDialog } from '../dialogs/action-dialog.tsx';

const SIGNS: Readonly<Record<Notice['level'], string>> = { bad: '!', warn: '△', info: 'i' };

/** What affects the fleet as a whole, and what can be done about it here. */
export function Banner() {
  const { state } = usePage();
  const speech = useSpeech();
  const status = useValue(state.status);
  // The notice goes away with the release, and the answer must not go with it.
  const [releasing, setReleasing] = useState<string | null>(null);
  const notices = status === null ? [] : noticesOf(status, speech);
  const release = status?.writable === true ? setReleasing : null;
  return (
    <>
      {notices.length > 0 && (
        <section class="notices" aria-label={speech.page.notices.label}>
          {notices.map((notice) => (
            <NoticeBox key={notice.title} notice={notice} release={release} />
          ))}
        </section>
      )}
      {releasing !== null && <ActionDialog action="release" name={releasing} onClose={() => setReleasing(null)} />}
    </>
  );
}

interface NoticeProps {
  readonly notice: Notice;
  /** Begins to release an account; null: nothing can be changed from here. */
  readonly release: ((account: string) => void) | null;
}

function NoticeBox({ notice, release }: NoticeProps) {
  const { actions, notices } = useSpeech().page;
  const { level, title, text, details, releases, about } = notice;
  return (
    <div class={`notice notice-${level}`}>
      <span class="notice-sign" aria-hidden="true">
        {SIGNS[level]}
      </span>
      <div>
        <p>
          <span class="hidden">{notices.levels[level]}: </span>
          <strong>{title}.</strong> {text}
        </p>
        <Extent notice={notice} />
        {details.length > 0 && (
          <ul class="notice-details">
            {details.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        {about !== null && (
          <a class="notice-action" href={fleetHref({ ...EVERYTHING, account: about })}>
            {notices.show(about)}
          </a>
        )}
        {releases !== null && release !== null && (
          <button type="button" class="notice-action" onClick={() => release(releases)}>
            {actions.release.button} {releases}
          </button>
        )}
      </div>
    </div>
  );
}

/** How many of how many, what is held, and since when. */
function Extent({ notice: { about, since } }: Pick<NoticeProps, 'notice'>) {
  const { state } = usePage();
  const rows = useValue(state.rows);
  const now = useValue(state.now);
  const speech = useSpeech();
  const lasts = since === null ? '' : speech.page.notices.since(speech.localTime(since), spellSince(since, now));
  const extent = about === null || rows === null ? '' : extentWords(extentOf(rows, about), speech);
  const text = [extent, lasts].filter((part) => part !== '').join(', ');
  return text === '' ? null : <p class="notice-extent">{text.charAt(0).toUpperCase() + text.slice(1)}.</p>;
}
