import type { RestartRecordView } from '../../http/views/schemas.ts';
import { spell } from '../speech/lengths.ts';
import { useSpeech } from '../state/page-context.ts';

interface Props {
  readonly history: readonly RestartRecordView[];
  readonly now: number;
}

/** Restarts, the newest first, each with the gateway's answer and the result. */
export function RestartHistory({ history, now }: Props) {
  const speech = useSpeech();
  const words = speech.page.instance;
  if (history.length === 0) return <p class="empty">{words.neverRestarted}</p>;
  return (
    <div class="scroll" role="region" aria-label={words.restartList} tabIndex={0}>
      <ol class="restarts">
        {[...history].reverse().map((record) => (
          <li key={record.at} class="restart">
            <p class="restart-line">
              <time dateTime={record.at} title={speech.localTime(record.at)}>
                {speech.ago(record.at, now)}
              </time>
              <span>
                {speech.words.triggers[record.trigger]}
                {record.requestedBy === null ? '' : words.requestedBy(record.requestedBy)}
              </span>
              <Outcome record={record} />
              <Effect record={record} />
            </p>
            {record.body !== null && (
              <details>
                <summary>{words.answer}</summary>
                <pre tabIndex={0}>
                  {typeof record.body === 'string' ? record.body : JSON.stringify(record.body, null, 2)}
                </pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}

function Outcome({ record: { outcome, httpStatus } }: { readonly record: RestartRecordView }) {
  const { words, page } = useSpeech();
  const kind = outcome === 'accepted' ? 'good' : outcome === null ? 'open' : 'bad';
  return (
    <span class={`tag tag-${kind}`}>
      {outcome === null ? page.instance.inFlight : words.outcomes[outcome]}
      {httpStatus === null ? '' : `, HTTP ${httpStatus}`}
    </span>
  );
}

function Effect({ record: { harmed, healed, secondsToHeal } }: { readonly record: RestartRecordView }) {
  const words = useSpeech().page.instance;
  if (harmed) return <span class="tag tag-bad">✗ {words.didHarm}</span>;
  if (!healed) return <span class="tag tag-open">{words.notHealed}</span>;
  return (
    <span class="tag tag-good">
      ✓ {secondsToHeal === null ? words.healed : words.healedAfter(spell(secondsToHeal))}
    </span>
  );
}
