import { expect, it } from 'vitest';
import { originOf } from './origin.ts';

it.each([
  'https://g.example',
  'https://g.example/',
  'https://g.example:443/api',
  'HTTPS://G.Example',
  'https://g.example./',
  'https://g.example.:443/api/',
])('finds one gateway at %s', (url) => {
  expect(originOf(url)).toBe('https://g.example');
});

it.each([
  ['http://g.example', 'http://g.example'],
  ['https://g.example:8443', 'https://g.example:8443'],
  ['http://[::1]:8080/', 'http://[::1]:8080'],
  ['http://192.168.0.1', 'http://192.168.0.1'],
])('finds another one at %s', (url, origin) => {
  expect(originOf(url)).toBe(origin);
});
