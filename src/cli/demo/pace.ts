/** A dozen instances that break on purpose are no storm. */
export const DEMO_GUARD = { maxUnhealthy: '80%', startup: '0s', stormCooldown: '5s' } as const;

/** What takes minutes and hours by default takes seconds here, so that people can watch it. */
export const DEMO_DEFAULTS = {
  probe: { every: '1s', recoverEvery: '1s', timeout: '900ms', connectingGrace: '4s' },
  restart: {
    grace: '12s',
    cooldown: '8s',
    backoff: { factor: 2, max: '30s', jitter: 0.1 },
    stableFor: '30s',
    budget: { restarts: 3, per: '10m' },
    timeout: '2s',
  },
} as const;
