import { expect, it } from 'vitest';
import { descriptionIn } from './built-in.ts';

it('names the place of a mistake in the file of a gateway, and the remedy', () => {
  const mistakes = (text: string): readonly string[] => {
    try {
      descriptionIn('gateways/ours.yaml', text);
      return [];
    } catch (error) {
      return (error as Error).message.split('\n');
    }
  };
  expect(mistakes('known: { versions: 4.1 }\nprobe: { get: x }\n')).toEqual([
    'gateways/ours.yaml:1:20 known.versions: must be a string, not a fraction. Put the value into quotes.',
    expect.stringMatching(/^gateways\/ours\.yaml:2:15 probe\.get: "x" is not the path of a URL\. Begin it with "\/"/),
  ]);
  expect(mistakes('probe: {')).toEqual([expect.stringMatching(/^gateways\/ours\.yaml:1:9: is not YAML: /)]);
  expect(mistakes('probe: { get: /x }')).toEqual([]);
});
