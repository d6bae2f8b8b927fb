/** What the demo says besides what happens. */
export const DEMO_WORDS = {
  intro: (gateway: string, url: string, page: string, token: string) =>
    `A simulated ${gateway} at ${url}, and the daemon healing its fleet.\n` +
    `Status page: ${page}/ (token for its buttons: ${token})\n` +
    `Metrics: ${page}/metrics   API: ${page}/api/v1/instances`,
  progress: (begun: string, all: string, seconds: string) => `${begun} of ${all} stories begun, ${seconds} s`,
  script: (story: string) => `script: ${story}`,
  /** What is to happen to an instance, by its name; `story` is that in English. */
  story: (_: string, story: string): string => story,
  after: (seconds: string) => `After ${seconds} seconds:`,
  healthy: (healthy: string, of: string, probes: string, restarts: string) =>
    `${healthy} of ${of} are healthy; the gateway counted ${probes} probes and ${restarts} restarts.`,
  storiesShow: '`smileapi-watchdog demo --stories` shows what was to happen to each.',
  keepsRunning: (url: string) => `The daemon keeps running: open ${url}/, and stop it with Ctrl-C.`,
  needsHuman: (cause: string) => `needs a human: ${cause}`,
  exhausted: (restarts: string) => `${restarts} restarts did not help: look at its phone`,
  columns: { lasts: 'FOR', restarts: 'RESTARTS', story: 'ITS STORY', now: 'WHAT NOW' },
};
