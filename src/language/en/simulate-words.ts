/** What `simulate` says besides its timeline. Sentences of a scenario are English in any case. */
export const SIMULATE_WORDS = {
  columns: {
    down: 'DOWN FOR',
    restarts: 'RESTARTS',
    healed: 'HEALED',
    phase: 'PHASE AT THE END',
    holds: 'HELD BACK BY',
  },
  noReceiver: 'Nobody would be notified: the config has no receiver in notify.',
  nobody: 'Nobody would be notified.',
  messages: (counts: string) => `Messages that would be sent: ${counts}`,
  notified: (receiver: string, title: string) => `${receiver} is notified: ${title}`,
  met: 'met',
  notMet: 'NOT MET',
  line: (line: string, text: string, found: string) => `line ${line}: ${text} (found ${found})`,
  nothingHappened: 'Nothing happened.',
  happened: (time: string) => `What happened after ${time}:`,
};
