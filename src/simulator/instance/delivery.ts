import type { ServerResponse } from 'node:http';
import type { Clock } from '../../time/clock.ts';
import type { Delivery, WireAnswer } from './answers.ts';
import type { DurationMs } from './behaviour.ts';

/** Time between two bytes of a dripping answer. */
const DRIP_INTERVAL: DurationMs = 1_000;

/** Answers a request, `latency` from now. Nothing outlives the connection. */
export function deliver(delivery: Delivery, response: ServerResponse, clock: Clock, latency: DurationMs): void {
  if (latency > 0) {
    const cancel = clock.after(latency, () => deliver(delivery, response, clock, 0));
    response.once('close', cancel);
    return;
  }
  switch (delivery.manner) {
    case 'whole':
      send(delivery.answer, response);
      return;
    case 'drip':
      drip(delivery.answer, response, clock);
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'never':
      return;
  }
}

/** Writes an answer at once. */
export function send(answer: WireAnswer, response: ServerResponse): void {
  response.writeHead(answer.httpStatus, answer.headers);
  response.end(answer.body);
}

function drip({ httpStatus, headers, body }: WireAnswer, response: ServerResponse, clock: Clock): void {
  response.writeHead(httpStatus, headers);
  response.flushHeaders();
  let written = 0;
  let cancel = clock.after(DRIP_INTERVAL, writeByte);
  response.once('close', () => cancel());

  function writeByte(): void {
    response.write(body.subarray(written, written + 1));
    written += 1;
    if (written === body.length) response.end();
    else cancel = clock.after(DRIP_INTERVAL, writeByte);
  }
}
