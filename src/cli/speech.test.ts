import { expect, it } from 'vitest';
import { namingColumns, speechFor } from './speech.ts';

it('a token that stands where a label belongs is not shown', () => {
  const token = 'Zk7tQSECRETpart91xyz';
  const labels = { team: 'red', [token]: token, shop: token };
  const [column] = namingColumns([{ displayName: null, labels }], speechFor({ env: {} }));
  expect(column?.cell({ displayName: null, labels })).toBe('team=red ***=*** shop=***');
});
