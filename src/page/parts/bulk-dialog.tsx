import { useState } from 'preact/hooks';
import type { ApiClient } from '../state/api-client.ts';
import { planBulk, runBulk, type BulkAction, type BulkResult } from '../state/bulk.ts';
import type { Row } from '../state/fleet-rows.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { count } from '../state/words.ts';
import { Dialog } from './dialog.tsx';
import { DurationField, isDuration } from './duration-field.tsx';

export const BULK_WORDS: Readonly<Record<BulkAction, { readonly button: string; readonly means: string }>> = {
  pause: { button: 'Pause', means: 'The watchdog does not restart them by itself until the pause ends.' },
  resume: { button: 'Resume', means: 'Due automatic restarts start at once, within the limits of their accounts.' },
  restart: {
    button: 'Restart',
    means: 'Each is offline until it has connected again, and each restart counts. What holds restarts is respected.',
  },
};

interface Props {
  readonly action: BulkAction;
  /** Those that pass the filters. */
  readonly rows: readonly Row[];
  readonly api: ApiClient;
  readonly state: FleetState;
  readonly say: (text: string) => void;
  readonly onClose: () => void;
}

/** Says how many instances an action is for and what holds the others, does it, and says how it went. */
export function BulkDialog({ action, rows, api, state, say, onClose }: Props) {
  // What is confirmed is what is done, whatever the filters find meanwhile.
  const [plan] = useState(() => planBulk(action, rows));
  const [reason, setReason] = useState('');
  const [lasts, setLasts] = useState('2h');
  const [answered, setAnswered] = useState<number | null>(null);
  const [result, setResult] = useState<BulkResult | null>(null);
  const { button, means } = BULK_WORDS[action];
  const of = count(plan.names.length, 'instance');

  const act = async (): Promise<void> => {
    setAnswered(0);
    const body = action === 'pause' ? { reason, ...(lasts === '' ? {} : { for: lasts }) } : {};
    const ended = await runBulk(action, plan.names, body, { api, state }, setAnswered);
    setResult(ended);
    say(`${button}: ${ended.done} of ${of} done.`);
  };

  return (
    <Dialog id="bulk" title={`${button} ${of}?`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isDuration(lasts)) void act();
        }}
      >
        {result === null ? (
          <>
            <p>{plan.names.length === 0 ? 'There is none that this can be done with.' : means}</p>
            <Reasons title="Left out" reasons={plan.left} />
            {action === 'pause' && (
              <>
                <label class="field">
                  <span class="field-label">Reason</span>
                  <input
                    type="text"
                    required
                    maxLength={200}
                    autofocus
                    value={reason}
                    onInput={(event) => setReason(event.currentTarget.value)}
                  />
                </label>
                <DurationField value={lasts} onChange={setLasts} />
              </>
            )}
            {answered !== null && <progress max={plan.names.length} value={answered} aria-label="Answered calls" />}
          </>
        ) : (
          <div class={`answer ${result.refused.size === 0 ? 'answer-good' : 'answer-bad'}`} role="status">
            <p>
              <strong>{result.done}</strong> of {of} done.
            </p>
            <Reasons title="Not done" reasons={result.refused} />
          </div>
        )}
        <div class="buttons">
          <button type="button" autofocus={action !== 'pause'} onClick={onClose}>
            {result === null ? 'Cancel' : 'Close'}
          </button>
          {result === null && (
            <button type="submit" class="primary" disabled={answered !== null || plan.names.length === 0}>
              {button} {of}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

function Reasons({ title, reasons }: { readonly title: string; readonly reasons: ReadonlyMap<string, number> }) {
  if (reasons.size === 0) return null;
  return (
    <>
      <p>{title}:</p>
      <ul>
        {[...reasons].map(([reason, many]) => (
          <li key={reason}>
            {many}: {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
