import { expect, it } from 'vitest';
import { builtIn } from '../../../test/gateway/answers.ts';
import { unprovenGateways } from './gateway-warnings.ts';

it('names each built-in gateway that never ran beside the program once, with its accounts', () => {
  const of = (name: string, gateway: string) => ({ name, gateway, profile: builtIn(gateway) });
  const ours = { name: 'd', gateway: 'ours', profile: builtIn('wuzapi') };
  const accounts = [
    of('a', 'wuzapi'),
    of('b', 'evolution'),
    of('c', 'wuzapi'),
    of('e', 'smileapi'),
    of('f', 'z-api'),
    ours,
  ];
  expect(unprovenGateways(accounts)).toEqual([
    { gateway: 'wuzapi', accounts: ['a', 'c'], proof: 'not proven: from its source' },
    { gateway: 'z-api', accounts: ['f'], proof: "not proven: from its maker's documentation" },
  ]);
});
