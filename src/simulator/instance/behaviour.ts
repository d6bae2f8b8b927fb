/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** A length of time in milliseconds. */
export type DurationMs = number;

/** Answers that only a probe can get: the state of the instance. */
export const STATE_ANSWERS = [
  'connected',
  'disconnected',
  'connecting',
  /** A person has to scan a QR code. */
  'qr',
  'banned',
  /** A state word that no gateway uses. */
  'unknown_state',
  /** `{"status":200}` and no connection state: all that SmileAPI itself documents. */
  'stateless',
] as const;

/** Answers that only a restart can get. */
export const RESTART_ANSWERS = [
  'accepted',
  /** 200 with `"error": true`. */
  'denied',
  /** 404 `Cannot POST …`: no such route. */
  'route_missing',
  /** 405. */
  'method_not_allowed',
] as const;

/** Answers that both can get. */
export const TROUBLES = [
  'unauthorized',
  'not_found',
  /** 429 with Retry-After. */
  'rate_limited',
  /** 500. */
  'server_error',
  /** 503 with Retry-After. */
  'unavailable',
  /** 200 with an HTML page. */
  'html',
  /** 200 with 10 MiB of JSON. */
  'huge',
  /** The head at once, then one byte per second. */
  'drip',
  /** Accepted, never answered. */
  'hanging',
  /** The connection is reset instead of an answer. */
  'reset',
] as const;

/** A custom answer, where the named ones do not suffice. */
export interface CustomAnswer {
  /** 200 to 599. */
  readonly httpStatus: number;
  readonly body: string;
  /** Default: `application/json; charset=utf-8`. */
  readonly contentType?: string | undefined;
}

export type Trouble = (typeof TROUBLES)[number];
export type ProbeAnswer = (typeof STATE_ANSWERS)[number] | Trouble | CustomAnswer;
export type RestartAnswer = (typeof RESTART_ANSWERS)[number] | Trouble | CustomAnswer;

/** The answer to a restart, and its real effect. */
export interface RestartReaction {
  readonly answers: RestartAnswer;
  /** The instance is `connecting` for `after`, then what it `becomes`. Null: no effect. */
  readonly effect: { readonly after: DurationMs; readonly becomes: ProbeAnswer } | null;
}

/** What a simulated instance does until it is changed. Plain data, so that it can cross a process boundary. */
export interface Behaviour {
  readonly probe: ProbeAnswer;
  /** How the first, second, … restart goes; the last reaction stays for all further restarts. */
  readonly onRestart: readonly [RestartReaction, ...RestartReaction[]];
  /** Time before each answer, probe or restart. Default: none. */
  readonly latency?: DurationMs | undefined;
  /** What the instance becomes by itself. `after` counts from the beginning of this behaviour. */
  readonly changes?: { readonly after: DurationMs; readonly to: Behaviour } | undefined;
}

/** A behaviour and when it began: the whole state of a simulated instance. */
export interface Situation {
  readonly behaviour: Behaviour;
  readonly since: EpochMs;
}

function heals(after: DurationMs = 0): RestartReaction {
  return { answers: 'accepted', effect: { after, becomes: 'connected' } };
}

function unmoved(answers: RestartAnswer): RestartReaction {
  return { answers, effect: null };
}

/**
 * Behaviours by name. Where a restart can help, it helps at once; where only a person can help, it is accepted and
 * changes nothing; where the gateway itself is in the way, it meets the same trouble as the probe.
 */
export const PRESETS = {
  connected: { probe: 'connected', onRestart: [heals()] },
  stateless: { probe: 'stateless', onRestart: [heals()] },
  disconnected: { probe: 'disconnected', onRestart: [heals()] },
  connecting: { probe: 'connecting', onRestart: [heals()] },
  server_error: { probe: 'server_error', onRestart: [heals()] },
  hanging: { probe: 'hanging', onRestart: [heals()] },
  reset: { probe: 'reset', onRestart: [heals()] },

  /** Disconnected; 20 s `connecting` after a restart, then connected. */
  slow_recovery: { probe: 'disconnected', onRestart: [heals(20_000)] },
  /** Disconnected; restarts are accepted and have no effect. */
  restart_lies: { probe: 'disconnected', onRestart: [unmoved('accepted')] },
  restart_lies_once: { probe: 'disconnected', onRestart: [unmoved('accepted'), heals()] },
  restart_denied: { probe: 'disconnected', onRestart: [unmoved('denied')] },
  restart_unsupported: { probe: 'disconnected', onRestart: [unmoved('route_missing')] },
  restart_hangs: { probe: 'disconnected', onRestart: [unmoved('hanging')] },
  /** Disconnected; every restart is accepted, tries for 3 s and ends where it began. */
  dead: {
    probe: 'disconnected',
    onRestart: [{ answers: 'accepted', effect: { after: 3_000, becomes: 'disconnected' } }],
  },

  qr: { probe: 'qr', onRestart: [unmoved('accepted')] },
  banned: { probe: 'banned', onRestart: [unmoved('accepted')] },
  unauthorized: { probe: 'unauthorized', onRestart: [unmoved('unauthorized')] },
  not_found: { probe: 'not_found', onRestart: [unmoved('not_found')] },

  rate_limited: { probe: 'rate_limited', onRestart: [unmoved('rate_limited')] },
  unavailable: { probe: 'unavailable', onRestart: [unmoved('unavailable')] },
  unknown_state: { probe: 'unknown_state', onRestart: [unmoved('accepted')] },
  html: { probe: 'html', onRestart: [unmoved('html')] },
  huge: { probe: 'huge', onRestart: [unmoved('huge')] },
  drip: { probe: 'drip', onRestart: [unmoved('drip')] },
} as const satisfies Record<string, Behaviour>;

export type Preset = keyof typeof PRESETS;

/** The behaviour that a preset names; a behaviour is returned as it is. */
export function behaviourOf(what: Preset | Behaviour): Behaviour {
  return typeof what === 'string' ? PRESETS[what] : what;
}

/** The situation at `now`: every change that has come due by itself is made, at the time it was due. */
export function situationAt(situation: Situation, now: EpochMs): Situation {
  let current = situation;
  for (;;) {
    const { changes } = current.behaviour;
    if (changes === undefined || current.since + changes.after > now) return current;
    current = { behaviour: changes.to, since: current.since + changes.after };
  }
}

/**
 * A restart at `now`: its answer, and the situation after it. A restart with an effect replaces changes that the
 * instance was about to make; one without leaves them.
 */
export function onRestart(situation: Situation, now: EpochMs): { answers: RestartAnswer; situation: Situation } {
  const { behaviour, since } = situationAt(situation, now);
  const [reaction, next, ...further] = behaviour.onRestart;
  const remaining: Behaviour['onRestart'] = next === undefined ? behaviour.onRestart : [next, ...further];
  const { answers, effect } = reaction;
  if (effect === null) return { answers, situation: { behaviour: { ...behaviour, onRestart: remaining }, since } };

  const { changes: _replaced, ...lasting } = behaviour;
  const restarted: Behaviour = { ...lasting, probe: effect.becomes, onRestart: remaining };
  const connecting: Behaviour = {
    ...restarted,
    probe: 'connecting',
    changes: { after: effect.after, to: restarted },
  };
  return { answers, situation: situationAt({ behaviour: connecting, since: now }, now) };
}
