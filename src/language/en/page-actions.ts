import { counted, number } from './page-numbers.ts';

/** What the page says of what can be done from it. */
export const PAGE_ACTIONS = {
  actions: {
    restart: {
      button: 'Restart',
      question: 'Restart this instance now?',
      means: 'The gateway is called to restart it. It is offline until it has connected again, and the restart counts.',
    },
    probe: {
      button: 'Probe',
      question: 'Probe this instance now?',
      means: 'This probes it once, out of turn. The result counts like that of any other probe.',
    },
    pause: {
      button: 'Pause',
      question: 'Pause automatic restarts?',
      means: 'Probing continues. The watchdog does not restart it by itself until the pause ends.',
    },
    resume: { button: 'Resume', question: 'End the pause?', means: 'A due automatic restart starts at once.' },
    ack: {
      button: 'Acknowledge',
      question: 'Acknowledge its trouble?',
      means:
        'Messages about this trouble are silent until it ends, or until the time that you give. Everything else goes on, restarts included.',
    },
    reset: {
      button: 'Reset',
      question: 'Reset attempts, budget and cooldown?',
      means: 'All three start from zero, and the next probes decide its phase.',
    },
    release: {
      button: 'Release',
      question: 'Let restarts of this account go on?',
      means:
        'The restarts that did harm no longer count. Due restarts start at once, so first make sure that they no longer do harm.',
    },
  },
  dialog: {
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    sending: 'Asking …',
    force: 'Restart anyway',
    reason: 'Reason',
    reasonIfAny: 'Reason (may be left empty)',
    pauseFor: 'For (such as 30m, 2h, 1d; empty: until it is resumed)',
    ackFor: 'For (such as 30m, 2h, 1d; empty: until the trouble ends)',
    notALength: 'Write a length of time, such as 30m, 2h or 1d12h.',
    done: 'Done.',
    notDone: 'Not done.',
  },
  answers: {
    restartCall: (outcome: string) => `The restart call: ${outcome}.`,
    inFlight: 'in flight',
    withStatus: (outcome: string, status: number) => `${outcome} (HTTP status ${status})`,
    probesWillShow: 'Probes will show whether it helped.',
    found: (verdict: string, cause: string, took: string) =>
      `${verdict}: ${cause}${took === '' ? '' : ` after ${took}`}.`,
    restart: 'The restart call is under way.',
    probe: 'Probed.',
    pause: 'Paused.',
    resume: 'Resumed.',
    ack: 'Acknowledged. Messages about this trouble are silent.',
    reset: 'Reset. The next probes decide its phase.',
    release: (count: number) => `Released. Harmful restarts that no longer count: ${number(count)}.`,
    held: 'Its restart is held:',
    holdEnds: (hold: string, when: string) => `${hold}, ends ${when}`,
    refused: (status: number) => `The watchdog refused it (HTTP status ${status}).`,
    notRight: 'The token is not right for this.',
    notNow: 'That is not possible now.',
    notFound: 'There is no such instance any more.',
    tooOften: 'Too many wrong tokens; try again in a minute.',
    notSaved: 'It could not be done, or not saved.',
  },
  bulk: {
    group: 'With all shown instances',
    these: (button: string) => `${button} these …`,
    means: {
      pause: 'The watchdog does not restart them by itself until the pause ends.',
      resume: 'Due automatic restarts start at once, within the limits of their accounts.',
      restart:
        'Each is offline until it has connected again, and each restart counts. What holds restarts is respected.',
    },
    title: (button: string, count: number) => `${button} ${counted(count, 'instance')}?`,
    button: (button: string, count: number) => `${button} ${counted(count, 'instance')}`,
    noneToDo: 'There is none that this can be done with.',
    leftOut: 'Left out',
    notDone: 'Not done',
    answered: 'Answered calls',
    done: (done: number, of: number) => `${number(done)} of ${counted(of, 'instance')} done.`,
    disabled: 'disabled',
    pausedAlready: 'paused already',
    notPaused: 'not paused',
    cannotCure: 'a restart cannot cure it',
    justRestarted: 'restarted just now',
    noConnection: 'no connection to the watchdog',
  },
  token: {
    title: 'Token needed',
    toWrite: 'This action changes something, so enter api.token of its configuration.',
    toRead: 'This watchdog restricts reading, so enter api.readToken or api.token of its configuration.',
    kept: 'It is kept in this browser until you forget it (at the end of the page), or it is no longer accepted.',
    wrong: 'That token was not accepted.',
    label: 'Token',
    use: 'Use token',
  },
};
