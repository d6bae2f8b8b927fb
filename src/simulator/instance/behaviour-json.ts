import { z } from 'zod';
import {
  behaviourOf,
  PRESETS,
  RESTART_ANSWERS,
  STATE_ANSWERS,
  TROUBLES,
  type Behaviour,
  type Preset,
} from './behaviour.ts';

const presetNames = Object.keys(PRESETS) as [Preset, ...Preset[]];
const duration = z.number().int().nonnegative();

const customAnswer = z.strictObject({
  httpStatus: z.number().int().min(200).max(599),
  body: z.string(),
  contentType: z
    .string()
    .regex(/^[\x20-\x7e]+$/)
    .optional(),
});
const probeAnswer = z.union([z.enum([...STATE_ANSWERS, ...TROUBLES]), customAnswer]);
const restartAnswer = z.union([z.enum([...RESTART_ANSWERS, ...TROUBLES]), customAnswer]);
const reaction = z.strictObject({
  answers: restartAnswer,
  effect: z.strictObject({ after: duration, becomes: probeAnswer }).nullable(),
});
/** Enough for any test, and few enough that no nesting can exhaust the stack. */
const MOST_CHANGES = 20;

function behaviourWith(changesLeft: number): z.ZodType<Behaviour> {
  const changes =
    changesLeft === 0 ? z.undefined() : z.strictObject({ after: duration, to: behaviourWith(changesLeft - 1) });
  return z.strictObject({
    probe: probeAnswer,
    onRestart: z.tuple([reaction], reaction),
    latency: duration.optional(),
    changes: changes.optional(),
  });
}

const instruction = z.union([
  z.strictObject({ preset: z.enum(presetNames) }),
  z.strictObject({ behaviour: behaviourWith(MOST_CHANGES) }),
]);

/**
 * The behaviour that `{"preset": name}` or `{"behaviour": {…}}` describes.
 * Throws an Error that names the problem and the presets.
 */
export function parseInstruction(json: string): Behaviour {
  const form = `{"preset": name} or {"behaviour": {"probe", "onRestart", …}} with at most ${MOST_CHANGES} changes`;
  const parsed = parse(json, instruction, `${form}; presets: ${presetNames.join(', ')}`);
  return 'preset' in parsed ? behaviourOf(parsed.preset) : parsed.behaviour;
}

/** The value of `{"healthy": true}` or `{"healthy": false}`. Throws an Error that names what was expected. */
export function parseHealth(json: string): boolean {
  return parse(json, z.strictObject({ healthy: z.boolean() }), '{"healthy": true} or {"healthy": false}').healthy;
}

function parse<T>(json: string, schema: z.ZodType<T>, expected: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new Error(`expected ${expected}`, { cause });
  }
}
