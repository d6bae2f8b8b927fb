import { expect } from 'vitest';
import type { Simulator } from '../../src/simulator/smileapi-server.ts';
import { arrival, type RunningDaemon } from './harness.ts';

export const SICK = '5511900000001';
export const NEIGHBOUR = '5511900000002';

/** A daemon, in this process or in one of its own. */
type Logging = Pick<RunningDaemon, 'line'>;

/** Makes one instance sick while nothing can be saved. */
export async function outageWithoutRestart(daemon: Logging, simulator: Simulator): Promise<void> {
  simulator.set(SICK, 'disconnected');
  await noRestartIsMade(daemon, simulator);
}

/** A start that had to do without the state says so and goes on, and restarts nobody however sick. */
export async function probesWithoutState(daemon: Logging, simulator: Simulator, ...reasons: string[]): Promise<void> {
  await daemon.line('"event":"state_unusable"', 'not durable', ...reasons);
  await noRestartIsMade(daemon, simulator);
}

/** It is said that the restart is given up, and both are probed on. */
async function noRestartIsMade(daemon: Logging, simulator: Simulator): Promise<void> {
  const { restarts } = simulator.requests();
  await daemon.line('"event":"state_not_saved"', '"restartGivenUp":true', SICK);
  await Promise.all([
    arrival(simulator, 10, { kind: 'probe', id: SICK }),
    arrival(simulator, 1, { kind: 'probe', id: NEIGHBOUR }),
  ]);
  expect(simulator.requests().restarts).toBe(restarts);
}

export async function healedOnce(daemon: Logging, simulator: Simulator): Promise<void> {
  await daemon.line('"event":"healed"', SICK);
  expect(simulator.counts(SICK).restarts).toBe(1);
  expect(simulator.counts(NEIGHBOUR).restarts).toBe(0);
}
