import type { FleetEvent } from '../../core/event.ts';
import type { NotifyTopic, ReceiverSettings } from '../../core/notification.ts';
import type { EpochMs } from '../../core/time.ts';
import { Incidents } from '../../notify/incidents.ts';
import { titleOf } from '../../notify/formats/in-words.ts';
import type { Message } from '../../notify/notice.ts';
import { Receiver } from '../../notify/receiver.ts';
import { Tallies } from '../../simulation/findings.ts';
import type { Happening } from '../../simulation/language/scenario.ts';
import { lineOf, type OwnRemedies } from '../../telemetry/log/event-line.ts';
import type { Clock } from '../../time/clock.ts';

/** One thing that happened, as it stands in a log. */
export interface Moment {
  readonly at: EpochMs;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** What a receiver of notifications is sent. */
  readonly message?: Message;
}

/** Writes down what happens in a simulation, and what the receivers of notifications are sent. */
export class Recorder {
  readonly timeline: Moment[] = [];
  readonly tallies = new Tallies();
  /** Messages that would have been sent, by topic. */
  readonly messages = new Map<NotifyTopic, number>();
  private readonly clock: Clock;
  private readonly ownRemedy: OwnRemedies;
  private readonly incidents = new Incidents('simulated');
  private readonly receivers: readonly Receiver[];

  constructor(receivers: readonly ReceiverSettings[], clock: Clock, ownRemedy: OwnRemedies) {
    this.clock = clock;
    this.ownRemedy = ownRemedy;
    this.receivers = receivers.map((settings) => this.receiverOf(settings));
  }

  /** Events of the watchdog. */
  record(event: FleetEvent): void {
    if (event.type === 'probe_finished') return;
    this.tallies.record(event);
    const { msg: text, fields } = lineOf(event, this.ownRemedy);
    // That attempts no longer count does not matter when trying out a policy.
    if (event.type !== 'stable') this.timeline.push({ at: event.at, fields, text });
    for (const notice of this.incidents.receive(event)) {
      for (const receiver of this.receivers) receiver.receive(notice);
    }
  }

  /** A line of the scenario begins to be true. */
  happened({ line, text }: Happening): void {
    if (text.startsWith('restart ')) return;
    this.timeline.push({ at: this.clock.now(), fields: { event: 'scenario', line }, text: `» ${text}` });
  }

  /** As the daemon makes them, but what they send goes nowhere. */
  private receiverOf(settings: ReceiverSettings): Receiver {
    const { clock, incidents } = this;
    return new Receiver({
      clock,
      wall: { now: () => clock.now() },
      settings,
      reminder: (key, now) => incidents.open.reminder(key, now),
      send: (message) => {
        const [{ topic }] = message.notices;
        if (topic === 'test') return;
        this.messages.set(topic, (this.messages.get(topic) ?? 0) + 1);
        const fields = { event: 'notified', receiver: settings.name, topic };
        const text = `${settings.name} is notified: ${titleOf(message)}`;
        this.timeline.push({ at: clock.now(), fields, text, message });
      },
    });
  }
}
