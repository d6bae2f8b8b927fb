import { useState } from 'preact/hooks';
import { answerOf, refusalOf, type Action, type ActionResult, type Answer } from '../state/actions.ts';
import type { ApiClient } from '../state/api-client.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { Dialog } from './dialog.tsx';
import { ACK_AT_FIRST, PAUSE_AT_FIRST, ReasonFields, reasonedBody, type Reasoned } from './reason-fields.tsx';

interface Props {
  readonly action: Action;
  /** Name of the instance, or of the account. */
  readonly name: string;
  readonly onClose: () => void;
}

/** Confirms the action, does it, and shows the API's answer. */
export function ActionDialog({ action, name, onClose }: Props) {
  const { api, state, announced } = usePage();
  const [step, setStep] = useState<'asking' | 'sending' | Answer>('asking');
  const [reasoned, setReasoned] = useState(action === 'ack' ? ACK_AT_FIRST : PAUSE_AT_FIRST);
  const { actions, dialog } = useSpeech().page;
  const { button, question, means } = actions[action];
  const answer = typeof step === 'string' ? null : step;
  const hasFields = action === 'pause' || action === 'ack';

  const act = async (force: boolean): Promise<void> => {
    setStep('sending');
    const given = await send(api, state, action, name, bodyOf(action, reasoned, force));
    setStep(given);
    announced.set(`${name}: ${given.text}`);
  };

  return (
    <Dialog
      id="action"
      title={answer === null ? question : `${button} ${name}`}
      onClose={onClose}
      onSubmit={() => void act(false)}
    >
      {answer === null ? (
        <>
          <p>
            <strong>{name}</strong>. {means}
          </p>
          {hasFields && <ReasonFields action={action} value={reasoned} onChange={setReasoned} />}
        </>
      ) : (
        <Answered answer={answer} />
      )}
      <div class="buttons">
        <button type="button" autofocus={!hasFields} onClick={onClose}>
          {answer === null ? dialog.cancel : dialog.close}
        </button>
        {answer !== null && !answer.ok && !answer.forcible && (
          <button type="button" onClick={() => setStep('asking')}>
            {dialog.back}
          </button>
        )}
        {answer?.forcible === true && (
          <button type="button" class="danger" onClick={() => void act(true)}>
            {dialog.force}
          </button>
        )}
        {answer === null && (
          <button type="submit" class="primary" disabled={step === 'sending'}>
            {step === 'sending' ? dialog.sending : button}
          </button>
        )}
      </div>
    </Dialog>
  );
}

async function send(api: ApiClient, state: FleetState, action: Action, name: string, body: object): Promise<Answer> {
  try {
    const path = `api/v1/${action === 'release' ? 'accounts' : 'instances'}/${encodeURIComponent(name)}/${action}`;
    const result = await api.post<ActionResult>(path, body);
    if (result.instance !== undefined) state.know(result.instance);
    return answerOf(action, result, state.speech);
  } catch (error) {
    return refusalOf(action, error, state.now.get(), state.speech);
  }
}

function bodyOf(action: Action, reasoned: Reasoned, force: boolean): object {
  if (action === 'restart') return force ? { wait: true, force: true } : { wait: true };
  return action === 'pause' || action === 'ack' ? reasonedBody(reasoned) : {};
}

function Answered({ answer: { ok, text, details } }: { readonly answer: Answer }) {
  const { dialog } = useSpeech().page;
  return (
    <div class={`answer ${ok ? 'answer-good' : 'answer-bad'}`} role="status">
      <p>
        <strong>{ok ? dialog.done : dialog.notDone}</strong> {text}
      </p>
      {details.length > 0 && (
        <ul>
          {details.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
