import dns from 'node:dns';
import { afterEach, expect, it, vi } from 'vitest';
import { processNames } from './process-names.ts';

afterEach(() => vi.restoreAllMocks());

it('looks names up with whatever a preloaded module has put in the place of `dns.lookup`', async () => {
  const replaced = vi
    .spyOn(dns, 'lookup')
    .mockImplementation(((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, [{ address: '192.0.2.7', family: 4 }])) as unknown as typeof dns.lookup);
  const found = await processNames.addresses('replaced.example', 1_000);
  expect(replaced).toHaveBeenCalledOnce();
  expect(found).toMatchObject([{ address: '192.0.2.7' }]);
});
