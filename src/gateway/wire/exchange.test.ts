import type { Dispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { processNames } from '../../network/process-names.ts';
import { systemClock } from '../../time/clock.ts';
import { Connector } from './connections/connector.ts';
import { Exchange, type ExchangeResult } from './exchange.ts';

/** What undici gives to a handler, as far as an exchange looks at it. */
function controller() {
  const aborted: Error[] = [];
  const fake: Dispatcher.DispatchController = {
    aborted: false,
    paused: false,
    reason: null,
    abort: (reason) => aborted.push(reason),
    pause: () => undefined,
    resume: () => undefined,
  };
  return { fake, aborted };
}

function begin() {
  const clock = systemClock();
  const results: ExchangeResult[] = [];
  const exchange = new Exchange(
    {
      clock,
      connector: new Connector({ tls: null, clock, names: processNames, proxy: null, usedOnce: true }),
      timeout: 60_000,
      deadline: 60_000,
    },
    (result) => results.push(result),
  );
  return { exchange, results };
}

describe('an exchange', () => {
  it('lets its request be written only once, whatever the client library would like', () => {
    const { exchange, results } = begin();
    const [first, second] = [controller(), controller()];
    exchange.onRequestStart(first.fake);
    exchange.onRequestStart(second.fake);
    expect([first.aborted.length, second.aborted.length]).toEqual([0, 1]);
    exchange.onResponseError(second.fake, second.aborted[0] ?? new Error());
    expect(results).toMatchObject([{ type: 'failed', cause: 'reset', sent: true }]);
  });

  it('that is over keeps its request from being written', () => {
    const { exchange, results } = begin();
    exchange.abort();
    const late = controller();
    exchange.onRequestStart(late.fake);
    expect(late.aborted).toHaveLength(1);
    expect(results).toMatchObject([{ type: 'failed', cause: 'aborted', sent: false }]);
  });

  it('ends once, with the first thing that ends it', () => {
    const { exchange, results } = begin();
    const { fake } = controller();
    exchange.onRequestStart(fake);
    exchange.onResponseStart(fake, 200, {});
    exchange.onResponseEnd();
    exchange.abort();
    exchange.onResponseError(fake, new Error('late'));
    expect(results).toMatchObject([{ type: 'answered', answer: { status: 200 } }]);
  });
});
