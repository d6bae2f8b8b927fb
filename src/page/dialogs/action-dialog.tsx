import { useState } from 'preact/hooks';
import { answerOf, refusalOf, type Action, type ActionResult, type Answer } from '../state/actions.ts';
import type { ApiClient } from '../state/api-client.ts';
import type { FleetState } from '../state/fleet-state.ts';
import { usePage, useSpeech } from '../state/page-context.ts';
import { Dialog } from './dialog.tsx';
import {
  ACK_AT_FIRST,
  isDuration,
  PAUSE_AT_FIRST,
  ReasonFields,
  reasonedBody,
  type Reasoned,
} from './reason-fields.tsx';

interface Props {
  readonly action: Action;
  /** Name of the instance, or of the account. */
  readonly name: string;
  readonly onClose: () => void;
}

type Step =
  { readonly at: 'asking' } | { readonly at: 'sending' } | { readonly at: 'answered'; readonly answer: Answer };

/** Confirms the action, does it, and shows the API's answer. */
export function ActionDialog({ action, name, onClose }: Props) {
  const { api, state, say } = usePage();
  const [step, setStep] = useState<Step>({ at: 'asking' });
  const [reasoned, setReasoned] = useState(action === 'ack' ? ACK_AT_FIRST : PAUSE_AT_FIRST);
  const words = useSpeech().page.actions[action];
  const hasFields = action === 'pause' || action === 'ack';

  const act = async (force: boolean): Promise<void> => {
    setStep({ at: 'sending' });
    const answer = await send(api, state, action, name, bodyOf(action, reasoned, force));
    setStep({ at: 'answered', answer });
    say(`${name}: ${answer.text}`);
  };

  return (
    <Dialog id="action" title={step.at === 'answered' ? `${words.button} ${name}` : words.question} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isDuration(reasoned.lasts)) void act(false);
        }}
      >
        {step.at === 'answered' ? (
          <Answered answer={step.answer} />
        ) : (
          <>
            <p>
              <strong>{name}</strong>. {words.means}
            </p>
            {hasFields && <ReasonFields action={action} value={reasoned} onChange={setReasoned} />}
          </>
        )}
        <Buttons
          step={step}
          label={words.button}
          onClose={onClose}
          onBack={() => setStep({ at: 'asking' })}
          onForce={() => void act(true)}
          focusFirst={!hasFields}
        />
      </form>
    </Dialog>
  );
}

interface ButtonsProps {
  readonly step: Step;
  readonly label: string;
  readonly focusFirst: boolean;
  readonly onClose: () => void;
  /** To what was entered before. */
  readonly onBack: () => void;
  readonly onForce: () => void;
}

function Buttons({ step, label, focusFirst, onClose, onBack, onForce }: ButtonsProps) {
  const { dialog } = useSpeech().page;
  return (
    <div class="buttons">
      <button type="button" autofocus={focusFirst} onClick={onClose}>
        {step.at === 'answered' ? dialog.close : dialog.cancel}
      </button>
      {step.at === 'answered' && !step.answer.ok && !step.answer.forcible && (
        <button type="button" onClick={onBack}>
          {dialog.back}
        </button>
      )}
      {step.at === 'answered' && step.answer.forcible && (
        <button type="button" class="danger" onClick={onForce}>
          {dialog.force}
        </button>
      )}
      {step.at !== 'answered' && (
        <button type="submit" class="primary" disabled={step.at === 'sending'}>
          {step.at === 'sending' ? dialog.sending : label}
        </button>
      )}
    </div>
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
