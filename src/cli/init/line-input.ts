import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Where a person types: a terminal. */
export interface Keyboard {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks a person for one line, and resolves with it, trimmed; null: the person has ended the input.
 *
 * @param hidden what is typed does not appear, nor does it stay in a history
 */
export async function askLine({ input, output }: Keyboard, question: string, hidden: boolean): Promise<string | null> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  output.write(question);
  const lines = createInterface({ input, output: hidden ? nowhere : output, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      lines.once('line', (line) => resolve(line.trim()));
      // Ctrl-D, and Ctrl-C, which a terminal in this mode hands over as a key.
      lines.once('close', () => resolve(null));
      lines.once('SIGINT', () => resolve(null));
    });
  } finally {
    lines.close();
    if (hidden) output.write('\n');
  }
}
