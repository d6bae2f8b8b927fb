import {
  onRestart,
  situationAt,
  type Behaviour,
  type DurationMs,
  type EpochMs,
  type ProbeAnswer,
  type Situation,
} from './behaviour.ts';
import type { AnswerBook, Delivery, RequestLine } from './answers.ts';
import { headersOf } from '../raw-headers.ts';
import { RESTART_TIMES_LIMIT, type InstanceCounts } from '../simulator.ts';

/** One simulated WhatsApp number: its behaviour, and the requests it received. */
export class SimulatedInstance {
  readonly phoneNumberId: string;
  readonly #answers: AnswerBook;
  #situation: Situation;
  #probes = 0;
  #restarts = 0;
  readonly #restartTimes: EpochMs[] = [];
  #lastHeaders: readonly string[] | null = null;
  /** The answer to a probe stays the same for many probes, so it is prepared once. */
  #prepared: { readonly answer: ProbeAnswer; readonly delivery: Delivery } | null = null;

  constructor(phoneNumberId: string, behaviour: Behaviour, now: EpochMs, answers: AnswerBook) {
    this.phoneNumberId = phoneNumberId;
    this.#answers = answers;
    this.#situation = { behaviour, since: now };
  }

  become(behaviour: Behaviour, now: EpochMs): void {
    this.#situation = { behaviour, since: now };
  }

  /** What it does at this time. */
  behaviour(now: EpochMs): Behaviour {
    this.#situation = situationAt(this.#situation, now);
    return this.#situation.behaviour;
  }

  probe(now: EpochMs, rawHeaders: readonly string[]): { delivery: Delivery; latency: DurationMs } {
    this.#probes += 1;
    this.#lastHeaders = rawHeaders;
    const { probe: answer, latency = 0 } = this.behaviour(now);
    if (this.#prepared?.answer !== answer) {
      this.#prepared = { answer, delivery: this.#answers.probe(answer, this.phoneNumberId) };
    }
    return { delivery: this.#prepared.delivery, latency };
  }

  restart(now: EpochMs, rawHeaders: readonly string[], line: RequestLine): { delivery: Delivery; latency: DurationMs } {
    this.#restarts += 1;
    this.#lastHeaders = rawHeaders;
    this.#restartTimes.push(now);
    if (this.#restartTimes.length > RESTART_TIMES_LIMIT) this.#restartTimes.shift();
    const { latency = 0 } = this.behaviour(now);
    const { answers, situation } = onRestart(this.#situation, now);
    this.#situation = situation;
    return { delivery: this.#answers.restart(answers, this.phoneNumberId, line), latency };
  }

  counts(): InstanceCounts {
    return {
      probes: this.#probes,
      restarts: this.#restarts,
      restartTimes: [...this.#restartTimes],
      lastHeaders: this.#lastHeaders === null ? null : headersOf(this.#lastHeaders),
    };
  }
}
