import { describe } from 'vitest';
import { itHoldsEveryRule } from './seeds.ts';

describe('the watch breaks no rule', () => {
  itHoldsEveryRule(0);
});
