import type { Clock } from '../../time/clock.ts';
import type { RestartOptions, RestartResult, Target } from '../gateway.ts';
import type { Remedy, Step } from '../profiles/profile.ts';
import { compileRemedies, type RemedyChoice } from '../profiles/remedies.ts';
import { repeatRestart, type RestartAttempt } from './repeat.ts';
import { tryMethods } from './restart-methods.ts';
import { NOT_SENT, runRemedy } from './run-remedy.ts';

/** Makes one call of a step and reads its answer. Never rejects. */
export type CallStep = (target: Target, method: string, options: RestartOptions) => Promise<RestartAttempt>;

export interface RemediesParts {
  readonly remedies: readonly Remedy[];
  /** Of steps of which the profile does not say it; `auto`: the first that the gateway has a route for. */
  readonly restartMethod: string;
  /** Prepares the calls of a step. */
  readonly compile: (step: Step) => CallStep;
  readonly clock: Clock;
}

/** The gateway would make an instance that never was. */
const NO_REMEDY: RestartResult = {
  ...NOT_SENT,
  outcome: 'rejected',
  detail: 'no call was made: the gateway has none for this state, or only for an instance that was healthy before',
};

/** What brings instances of one account back. */
export class Remedies {
  readonly #clock: Clock;
  readonly #restartMethod: string;
  readonly #choice: RemedyChoice;
  readonly #calls: ReadonlyMap<Step, CallStep>;

  constructor({ remedies, restartMethod, compile, clock }: RemediesParts) {
    this.#clock = clock;
    this.#restartMethod = restartMethod;
    this.#choice = compileRemedies(remedies);
    this.byWord = remedies.some(({ on }) => on.length > 0);
    this.#calls = new Map(remedies.flatMap(({ steps }) => steps.map((step) => [step, compile(step)])));
  }

  /** Whether the last state word decides which remedy is applied. */
  readonly byWord: boolean;

  /** Applies the remedy that fits the last word. Never rejects. */
  async apply(target: Target, options: RestartOptions): Promise<RestartResult> {
    const remedy = this.#choice(options.word ?? null);
    if (remedy === null || (remedy.knownOnly && options.known === false)) return NO_REMEDY;
    return await runRemedy(remedy.steps, (step) => this.#make(step, target, options), options, this.#clock);
  }

  async #make(step: Step, target: Target, options: RestartOptions): Promise<RestartResult> {
    const call = this.#calls.get(step);
    if (call === undefined) throw new TypeError(`no call was prepared for ${step.path}`);
    const repeated = (method: string): Promise<RestartAttempt> =>
      repeatRestart(() => call(target, method, options), options, this.#clock);
    const method = step.method === 'auto' ? this.#restartMethod : step.method;
    return method === 'auto' ? await tryMethods(repeated, options) : (await repeated(method)).result;
  }
}
