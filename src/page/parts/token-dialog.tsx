import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { Observable, useValue } from '../state/observable.ts';
import type { Right } from '../state/tokens.ts';

interface Question {
  readonly right: Right;
  readonly wrong: boolean;
  readonly answer: (token: string | null) => void;
}

/** Prompts for tokens, one at a time. */
export class TokenPrompt {
  readonly question = new Observable<Question | null>(null);
  private last: Promise<unknown> = Promise.resolve();

  /** Null: the user declined. */
  ask(right: Right, wrong: boolean): Promise<string | null> {
    const token = this.last.then(
      () =>
        new Promise<string | null>((resolve) => {
          const answer = (token: string | null): void => {
            this.question.set(null);
            resolve(token);
          };
          this.question.set({ right, wrong, answer });
        }),
    );
    this.last = token;
    return token;
  }
}

export function TokenDialog({ prompt }: { readonly prompt: TokenPrompt }) {
  const question = useValue(prompt.question);
  return question === null ? null : <TokenForm key={`${question.right}-${question.wrong}`} question={question} />;
}

function TokenForm({ question: { right, wrong, answer } }: { readonly question: Question }) {
  const [token, setToken] = useState('');
  const name = right === 'write' ? 'api.token' : 'api.readToken or api.token';
  return (
    <Dialog id="token" title="Token needed" onClose={() => answer(null)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') answer(token.trim());
        }}
      >
        <p>
          {right === 'write' ? 'This action changes something' : 'This watchdog restricts reading'}, so enter {name} of
          its configuration. It is kept in this browser until you forget it (at the end of the page), or it is no longer
          accepted.
        </p>
        {wrong && (
          <p class="answer answer-bad" role="alert">
            That token was not accepted.
          </p>
        )}
        <label class="field">
          <span class="field-label">Token</span>
          <input
            type="password"
            autocomplete="off"
            spellcheck={false}
            required
            autofocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <div class="buttons">
          <button type="button" onClick={() => answer(null)}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Use token
          </button>
        </div>
      </form>
    </Dialog>
  );
}
