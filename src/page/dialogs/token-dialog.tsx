import { useState } from 'preact/hooks';
import { Dialog } from './dialog.tsx';
import { Observable, useValue } from '../state/observable.ts';
import { useSpeech } from '../state/page-context.ts';
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
  const { token: words, dialog } = useSpeech().page;
  const [token, setToken] = useState('');
  return (
    <Dialog
      id="token"
      title={words.title}
      onClose={() => answer(null)}
      onSubmit={() => {
        if (token.trim() !== '') answer(token.trim());
      }}
    >
      <p>
        {right === 'write' ? words.toWrite : words.toRead} {words.kept}
      </p>
      {wrong && (
        <p class="answer answer-bad" role="alert">
          {words.wrong}
        </p>
      )}
      <label class="field">
        <span class="field-label">{words.label}</span>
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
          {dialog.cancel}
        </button>
        <button type="submit" class="primary">
          {words.use}
        </button>
      </div>
    </Dialog>
  );
}
