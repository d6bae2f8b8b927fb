import type { ProblemSentences } from '../../problem-translation.ts';
import { PROBLEM_MESSAGES } from './problem-messages.ts';
import { PROBLEM_REMEDIES } from './problem-remedies.ts';
import { PROBLEM_WORDS } from './problem-words.ts';

export const PROBLEM_SENTENCES: ProblemSentences = { ...PROBLEM_MESSAGES, ...PROBLEM_REMEDIES, ...PROBLEM_WORDS };
