import { useState } from 'preact/hooks';
import { planBulk, runBulk, type BulkAction, type BulkResult } from '../state/bulk.ts';
import type { Row } from '../state/fleet-rows.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { Dialog } from './dialog.tsx';
import { PAUSE_AT_FIRST, ReasonFields, reasonedBody } from './reason-fields.tsx';

interface Props {
  readonly action: BulkAction;
  /** Those that pass the filters. */
  readonly rows: readonly Row[];
  readonly onClose: () => void;
}

/** Says how many instances an action is for and what holds the others, does it, and says how it went. */
export function BulkDialog({ action, rows, onClose }: Props) {
  const { api, state, announced } = usePage();
  const speech = useSpeech();
  const { bulk, actions, dialog } = speech.page;
  // What is confirmed is what is done, whatever the filters find meanwhile.
  const [plan] = useState(() => planBulk(action, rows, speech));
  const [reasoned, setReasoned] = useState(PAUSE_AT_FIRST);
  const [answered, setAnswered] = useState<number | null>(null);
  const [result, setResult] = useState<BulkResult | null>(null);
  const { button } = actions[action];
  const many = plan.names.length;

  const act = async (): Promise<void> => {
    setAnswered(0);
    const body = action === 'pause' ? reasonedBody(reasoned) : {};
    const ended = await runBulk(action, plan.names, body, { api, state }, setAnswered);
    setResult(ended);
    announced.set(`${button}: ${bulk.done(ended.done, many)}`);
  };

  return (
    <Dialog id="bulk" title={bulk.title(button, many)} onClose={onClose} onSubmit={() => void act()}>
      {result === null ? (
        <>
          <p>{many === 0 ? bulk.noneToDo : bulk.means[action]}</p>
          <Reasons title={bulk.leftOut} reasons={plan.left} />
          {action === 'pause' && <ReasonFields action="pause" value={reasoned} onChange={setReasoned} />}
          {answered !== null && <progress max={many} value={answered} aria-label={bulk.answered} />}
        </>
      ) : (
        <div class={`answer ${result.refused.size === 0 ? 'answer-good' : 'answer-bad'}`} role="status">
          <p>{bulk.done(result.done, many)}</p>
          <Reasons title={bulk.notDone} reasons={result.refused} />
        </div>
      )}
      <div class="buttons">
        <button type="button" autofocus={action !== 'pause'} onClick={onClose}>
          {result === null ? dialog.cancel : dialog.close}
        </button>
        {result === null && (
          <button type="submit" class="primary" disabled={answered !== null || many === 0}>
            {bulk.button(button, many)}
          </button>
        )}
      </div>
    </Dialog>
  );
}

function Reasons({ title, reasons }: { readonly title: string; readonly reasons: ReadonlyMap<string, number> }) {
  const speech = useSpeech();
  if (reasons.size === 0) return null;
  return (
    <>
      <p>{title}:</p>
      <ul>
        {[...reasons].map(([reason, many]) => (
          <li key={reason}>
            {speech.number(many)}: {reason}
          </li>
        ))}
      </ul>
    </>
  );
}
