import { describe, expect, it } from 'vitest';
import { INCIDENT_TOPICS, NOTIFY_FORMATS, NOTIFY_TOPICS, USUAL_TOPICS } from '../../src/core/notification.ts';
import { read, sectionOf, spansOf, tableOf, wordsOf } from './markdown.ts';

const page = read('docs/notifications.md');
const topics = tableOf(page, 'topic', 'begins when', 'ends when');

describe('docs/notifications.md', () => {
  it('lists every topic, and none that does not exist', () => {
    expect(wordsOf(topics).toSorted()).toEqual([...NOTIFY_TOPICS].toSorted());
  });

  it('says of every incident when it ends, and of nothing else', () => {
    const lasting = topics.filter(([, , end]) => end !== '');
    expect(wordsOf(lasting).toSorted()).toEqual([...INCIDENT_TOPICS].toSorted());
  });

  it('lists the default topics', () => {
    const paragraph = /^Default topics: [\s\S]*?\n\n/m.exec(sectionOf(page, 'Topics'))?.[0] ?? '';
    expect(spansOf(paragraph).toSorted()).toEqual([...USUAL_TOPICS].toSorted());
  });

  it('lists every format, and none that does not exist', () => {
    expect(wordsOf(tableOf(page, 'format', 'for')).toSorted()).toEqual([...NOTIFY_FORMATS].toSorted());
  });
});
