import type { RestartRecordView } from '../../http/views/schemas.ts';
import { ago, localTime, OUTCOME_WORDS, spell, TRIGGER_WORDS } from '../state/words.ts';

interface Props {
  readonly history: readonly RestartRecordView[];
  readonly now: number;
}

/** Restarts, the newest first, each with the gateway's answer and the result. */
export function RestartHistory({ history, now }: Props) {
  if (history.length === 0) return <p class="empty">It was never restarted.</p>;
  return (
    <div class="scroll" role="region" aria-label="Restarts, the newest first" tabIndex={0}>
      <ol class="restarts">
        {[...history].reverse().map((record) => (
          <li key={record.at} class="restart">
            <p class="restart-line">
              <time dateTime={record.at} title={localTime(record.at)}>
                {ago(record.at, now)}
              </time>
              <span>
                {TRIGGER_WORDS[record.trigger]}
                {record.requestedBy === null ? '' : `, by ${record.requestedBy}`}
              </span>
              <Outcome record={record} />
              <Effect record={record} />
            </p>
            {record.body !== null && (
              <details>
                <summary>Answer of the gateway</summary>
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
  const kind = outcome === 'accepted' ? 'good' : outcome === null ? 'open' : 'bad';
  return (
    <span class={`tag tag-${kind}`}>
      {outcome === null ? 'in flight' : OUTCOME_WORDS[outcome]}
      {httpStatus === null ? '' : `, HTTP ${httpStatus}`}
    </span>
  );
}

function Effect({ record: { harmed, healed, secondsToHeal } }: { readonly record: RestartRecordView }) {
  if (harmed) return <span class="tag tag-bad">✗ did harm</span>;
  if (!healed) return <span class="tag tag-open">not healed</span>;
  return <span class="tag tag-good">✓ healed{secondsToHeal === null ? '' : ` after ${spell(secondsToHeal)}`}</span>;
}
