import { useState } from 'preact/hooks';
import { ACTION_WORDS, answerOf, refusalOf, type Action, type ActionResult, type Answer } from '../state/actions.ts';
import type { ApiClient } from '../state/api-client.ts';
import { Dialog } from './dialog.tsx';
import { DurationField, isDuration } from './duration-field.tsx';
import type { FleetState } from '../state/fleet-state.ts';

interface Props {
  readonly action: Action;
  /** Name of the instance, or of the account. */
  readonly name: string;
  readonly api: ApiClient;
  readonly state: FleetState;
  readonly say: (text: string) => void;
  readonly onClose: () => void;
}

type Step =
  { readonly at: 'asking' } | { readonly at: 'sending' } | { readonly at: 'answered'; readonly answer: Answer };

/** Confirms the action, does it, and shows the API's answer. */
export function ActionDialog({ action, name, api, state, say, onClose }: Props) {
  const [step, setStep] = useState<Step>({ at: 'asking' });
  const [reason, setReason] = useState('');
  const [lasts, setLasts] = useState('2h');
  const words = ACTION_WORDS[action];

  const act = async (force: boolean): Promise<void> => {
    setStep({ at: 'sending' });
    const answer = await send(api, state, action, name, bodyOf(action, { reason, lasts, force }));
    setStep({ at: 'answered', answer });
    say(`${name}: ${answer.text}`);
  };

  return (
    <Dialog id="action" title={step.at === 'answered' ? `${words.button} ${name}` : words.question} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isDuration(lasts)) void act(false);
        }}
      >
        {step.at === 'answered' ? (
          <Answered answer={step.answer} />
        ) : (
          <>
            <p>
              <strong>{name}</strong>. {words.means}
            </p>
            {action === 'pause' && (
              <PauseFields reason={reason} lasts={lasts} onReason={setReason} onLasts={setLasts} />
            )}
          </>
        )}
        <Buttons
          step={step}
          label={words.button}
          onClose={onClose}
          onBack={() => setStep({ at: 'asking' })}
          onForce={() => void act(true)}
          focusFirst={action !== 'pause'}
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
  return (
    <div class="buttons">
      <button type="button" autofocus={focusFirst} onClick={onClose}>
        {step.at === 'answered' ? 'Close' : 'Cancel'}
      </button>
      {step.at === 'answered' && !step.answer.ok && !step.answer.forcible && (
        <button type="button" onClick={onBack}>
          Back
        </button>
      )}
      {step.at === 'answered' && step.answer.forcible && (
        <button type="button" class="danger" onClick={onForce}>
          Restart anyway
        </button>
      )}
      {step.at !== 'answered' && (
        <button type="submit" class="primary" disabled={step.at === 'sending'}>
          {step.at === 'sending' ? 'Asking …' : label}
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
    return answerOf(action, result);
  } catch (error) {
    return refusalOf(action, error, state.now.get());
  }
}

interface ActionOptions {
  readonly reason: string;
  readonly lasts: string;
  readonly force: boolean;
}

function bodyOf(action: Action, { reason, lasts, force }: ActionOptions): object {
  if (action === 'restart') return force ? { wait: true, force: true } : { wait: true };
  if (action !== 'pause') return {};
  return lasts === '' ? { reason } : { reason, for: lasts };
}

function Answered({ answer: { ok, text, details } }: { readonly answer: Answer }) {
  return (
    <div class={`answer ${ok ? 'answer-good' : 'answer-bad'}`} role="status">
      <p>
        <strong>{ok ? 'Done.' : 'Not done.'}</strong> {text}
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

interface PauseProps {
  readonly reason: string;
  readonly lasts: string;
  readonly onReason: (reason: string) => void;
  readonly onLasts: (lasts: string) => void;
}

function PauseFields({ reason, lasts, onReason, onLasts }: PauseProps) {
  return (
    <>
      <label class="field">
        <span class="field-label">Reason</span>
        <input
          type="text"
          required
          maxLength={200}
          autofocus
          value={reason}
          onInput={(event) => onReason(event.currentTarget.value)}
        />
      </label>
      <DurationField value={lasts} onChange={onLasts} />
    </>
  );
}
