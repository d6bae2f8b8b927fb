import type { ProblemSentences } from '../problem-translation.ts';
import { PROBLEM_MESSAGES } from './problem-messages.ts';
import { PROBLEM_REMEDIES, PROBLEM_WORDS } from './problem-remedies.ts';

export const PROBLEM_SENTENCES: ProblemSentences = { ...PROBLEM_MESSAGES, ...PROBLEM_REMEDIES, ...PROBLEM_WORDS };
