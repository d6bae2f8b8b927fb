import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../../src/gateway/answers/answer.ts';

const FOLDER = join(import.meta.dirname, '../captures');

/** One exchange with a real gateway. */
export interface Capture {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Null: none came. */
  readonly answer: Answer | null;
}

export const CAPTURED_GATEWAYS: readonly string[] = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Names of the captured answers of a gateway, without the ending. */
export function captureNames(gateway: string): readonly string[] {
  return namesIn(gateway).filter((name) => !name.startsWith(HOOK));
}

const HOOK = 'hook-';

/** The captured webhooks: the gateway, and the name of each without beginning and ending. */
export const CAPTURED_HOOKS: readonly (readonly [gateway: string, name: string])[] = CAPTURED_GATEWAYS.flatMap(
  (gateway) =>
    namesIn(gateway).flatMap((name) => (name.startsWith(HOOK) ? [[gateway, name.slice(HOOK.length)] as const] : [])),
);

function namesIn(gateway: string): readonly string[] {
  return readdirSync(join(FOLDER, gateway)).map((file) => file.replace(/\.http$/, ''));
}

export function readCapture(gateway: string, name: string): Capture {
  const text = readFileSync(join(FOLDER, gateway, `${name}.http`), 'utf8').replace(/^(#.*\n)+/, '');
  const [request = '', rest] = text.split(/\n(?=HTTP\/1\.1 \d)/);
  const [head = '', body = ''] = parts(request);
  const [method = '', path = ''] = head.split(' ');
  return {
    method,
    path,
    body: body.startsWith('#') ? '' : body.trim(),
    answer: rest === undefined ? null : answerOf(rest),
  };
}

/** What a gateway sent by itself. */
export interface CapturedHook {
  readonly contentType: string;
  readonly body: string;
}

export function readHook(gateway: string, name: string): CapturedHook {
  const text = readFileSync(join(FOLDER, gateway, `${HOOK}${name}.http`), 'utf8').replace(/^(#.*\n)+/, '');
  const [head = '', body = ''] = parts(text);
  return { contentType: /^content-type: (.*)$/im.exec(head)?.[1] ?? '', body: body.trim() };
}

function answerOf(text: string): Answer {
  const [head = '', body = ''] = parts(text);
  const header = (name: string): string | null => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1] ?? null;
  return {
    status: Number(head.split(' ')[1]),
    contentType: header('content-type'),
    retryAfter: header('retry-after'),
    truncated: false,
    body,
  };
}

/** Head and body. */
function parts(text: string): string[] {
  const end = text.indexOf('\n\n');
  return end === -1 ? [text] : [text.slice(0, end), text.slice(end + 2)];
}
