import type { Problem } from '../core/problem.ts';

/**
 * What is wrong with a config, and what to do, by the English sentence that the config says it with: each `<>` stands for a part that
 * differs. In the other language the parts come in the same order, or as `<1>`, `<2>`; a part is itself looked up.
 */
export type ProblemSentences = Readonly<Record<string, string>>;

/** A problem in the language of the sentences; what has no sentence there stays English, so that nothing is lost. */
export function translatedProblem(sentences: ProblemSentences, problem: Problem): Problem {
  const translate = translatorOf(sentences);
  return { ...problem, message: translate(problem.message), remedy: translate(problem.remedy) };
}

/** A text by the sentence that it follows; one that follows none stays as it is. */
export function translatedText(sentences: ProblemSentences, text: string): string {
  return translatorOf(sentences)(text);
}

interface Pattern {
  readonly matches: RegExp;
  readonly sentence: string;
}

const patterns = new WeakMap<ProblemSentences, readonly Pattern[]>();

function translatorOf(sentences: ProblemSentences): (text: string) => string {
  const known = patterns.get(sentences) ?? compiled(sentences);
  patterns.set(sentences, known);
  const translate = (text: string): string => {
    if (Object.hasOwn(sentences, text)) return sentences[text] ?? text;
    for (const { matches, sentence } of known) {
      const parts = matches.exec(text)?.slice(1);
      if (parts !== undefined) return filled(sentence, parts.map(translate));
    }
    return text;
  };
  return translate;
}

/** Those that say most first, so that one that begins like another is not taken for it. */
function compiled(sentences: ProblemSentences): readonly Pattern[] {
  return Object.entries(sentences)
    .filter(([english]) => english.includes('<>'))
    .sort(([one], [other]) => other.length - one.length)
    .map(([english, sentence]) => {
      const literals = english.split('<>').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
      return { matches: new RegExp(`^${literals.join('(.+?)')}$`, 's'), sentence };
    });
}

function filled(sentence: string, parts: readonly string[]): string {
  let next = 0;
  return sentence.replaceAll(/<(\d?)>/g, (_, number: string) => {
    const index = number === '' ? next++ : Number(number) - 1;
    return parts[index] ?? '';
  });
}
