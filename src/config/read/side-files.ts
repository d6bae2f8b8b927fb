import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Problem } from '../../core/problem.ts';
import { isoTime } from '../../core/schedule/iso-time.ts';
import { DAY, type DurationMs, type EpochMs } from '../../core/time.ts';
import type { AccountConfig } from '../config.ts';
import type { SourceFile } from '../syntax/source-file.ts';
import type { ConfigPath, Warning } from '../problems.ts';
import { headerMistake } from '../values/headers.ts';
import { databaseUrlMistake } from '../values/database-url.ts';
import { signingKeyMistake, webhookUrlMistake } from '../schema/notify-schema.ts';
import { ownTokenMistake, tokenMistake } from '../values/scalars.ts';
import { cleanText } from '../../redaction/clean-text.ts';
import { quoted } from '../syntax/quoted.ts';
import { fromFolder } from './include-pattern.ts';
import type { InputReader } from './input-reader.ts';

/** Kinds of secrets: their name, and why a text cannot be one; null when it can. */
const SECRETS = {
  token: ['token', tokenMistake],
  ownToken: ['token', ownTokenMistake],
  webhookUrl: ['URL', webhookUrlMistake],
  databaseUrl: ['URL', databaseUrlMistake],
  signingKey: ['key', signingKeyMistake],
  header: ['value', headerMistake],
} as const;

/** As soon as this before its end, a certificate should be renewed, as for the gateway's own one in the alerting rules. */
const RENEW_WITHIN: DurationMs = 14 * DAY;

/** Reads the files that a configuration names besides its own, and remembers their names. */
export class SideFiles {
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];
  /** Paths of all named files, readable or not. */
  readonly files = new Set<string>();
  /** What the files hold that must never be shown. */
  readonly secrets = new Set<string>();
  readonly #reader: InputReader;
  readonly #wall: EpochMs | null;

  /** @param wall what the clock shows, because certificates are over some day; null: that is not looked at */
  constructor(reader: InputReader, wall: EpochMs | null) {
    this.#reader = reader;
    this.#wall = wall;
  }

  /**
   * The secret in the file named at `path`, without the line breaks at its end; the empty text when there is a problem,
   * which is added to `problems`.
   */
  async secret(kind: keyof typeof SECRETS, source: SourceFile, path: ConfigPath, name: string): Promise<string> {
    const [what, mistakeIn] = SECRETS[kind];
    const text = (await this.#read(source, path, name))?.replace(/[\r\n]+$/, '');
    if (text === undefined) return '';
    await this.#warnIfOpen(what, source, path, name);
    const mistake = mistakeIn(text);
    this.secrets.add(text);
    if (mistake === null) return text;
    const remedy = `Write the ${what} into the file, and nothing else.`;
    this.#report(source, path, `the ${what} in ${shown(source, path)} ${mistake}`, remedy);
    return '';
  }

  /** The secret in the file, where one is named; otherwise what is written in place of it. */
  async secretOr<Written>(
    written: Written,
    kind: keyof typeof SECRETS,
    source: SourceFile,
    path: ConfigPath,
    name: string | null | undefined,
  ): Promise<string | Written> {
    return name === null || name === undefined ? written : await this.secret(kind, source, path, name);
  }

  /** The certificates in the PEM file named at `path`; the empty text when there is a problem. */
  async certificates(source: SourceFile, path: ConfigPath, name: string): Promise<string> {
    const text = await this.#read(source, path, name, NO_CERTIFICATE);
    if (text === undefined || isPem(text)) return text ?? '';
    this.#report(source, path, `${shown(source, path)} holds no readable certificate`, NO_CERTIFICATE);
    return '';
  }

  /** A client certificate and its key, from the files named at `path`; null when there is a problem. */
  async clientCertificate(
    source: SourceFile,
    path: ConfigPath,
    certFile: string,
    keyFile: string,
  ): Promise<AccountConfig['tls']['client']> {
    const cert = await this.certificates(source, [...path, 'certFile'], certFile);
    const keyPath = [...path, 'keyFile'];
    const key = await this.#read(source, keyPath, keyFile, NO_KEY);
    if (key === undefined) return null;
    await this.#warnIfOpen('key', source, keyPath, keyFile);
    const read = keyOf(key);
    if ('mistake' in read) this.#report(source, keyPath, `${shown(source, keyPath)} ${read.mistake}`, read.remedy);
    else if (cert !== '' && !new X509Certificate(cert).checkPrivateKey(read.key)) {
      const message = `${shown(source, keyPath)} is not the key of the certificate in "certFile"`;
      const remedy = 'Name the key that the certificate was made with; it stands first in its file.';
      this.#report(source, keyPath, message, remedy);
    } else if (cert !== '') {
      this.#warnIfOver(cert, source, [...path, 'certFile']);
      return { cert, key };
    }
    return null;
  }

  /** It stays in use: only the gateway knows until when it is accepted. */
  #warnIfOver(cert: string, source: SourceFile, path: ConfigPath): void {
    const endsAt = Date.parse(new X509Certificate(cert).validTo);
    if (this.#wall === null || endsAt - this.#wall >= RENEW_WITHIN) return;
    const day = isoTime(endsAt).slice(0, 10);
    const when = endsAt < this.#wall ? `expired on ${day}` : `expires on ${day}`;
    const remedy = 'Put a new certificate and its key into the files; they are read again by themselves.';
    this.warnings.push(source.problemAt(path, `the certificate in ${shown(source, path)} ${when}`, remedy));
  }

  /** @param otherwise what to do about a file that is there, and holds no text, such as a certificate in DER */
  async #read(source: SourceFile, path: ConfigPath, name: string, otherwise?: string): Promise<string | undefined> {
    if (source.isUnresolved(path)) return undefined;
    const file = fromFolder(dirname(source.file), name);
    this.files.add(file);
    const content = await this.#reader.text(file);
    if ('text' in content) return content.text;
    const misnamed = 'Correct the path; it is relative to the folder of this file.';
    const remedy = content.remedy === undefined ? misnamed : (otherwise ?? content.remedy);
    this.#report(source, path, `${shown(source, path)} ${content.mistake}`, remedy);
    return undefined;
  }

  async #warnIfOpen(what: string, source: SourceFile, path: ConfigPath, name: string): Promise<void> {
    if (!(await isOpenToOthers(fromFolder(dirname(source.file), name)))) return;
    const message = `every user of this machine can read or change the ${what} in ${shown(source, path)}`;
    const remedy = 'Run chmod 600 on the file, or 640 with the group of the watchdog.';
    this.warnings.push(source.problemAt(path, message, remedy));
  }

  #report(source: SourceFile, path: ConfigPath, message: string, remedy: string): void {
    this.problems.push(source.problemAt(path, message, remedy));
  }
}

const NO_CERTIFICATE = 'Name a PEM file; it contains "-----BEGIN CERTIFICATE-----" lines.';
const NO_KEY = 'Name a PEM file; it contains a "-----BEGIN PRIVATE KEY-----" line.';

/** Container engines mount secrets here, readable by all users of the container. */
const MOUNTED_SECRETS = '/run/secrets/';
const ALL_READ_OR_WRITE = 0o006;
const ALL_ENTER = 0o001;

/** Whether other users of this machine can read or write a file; those who cannot enter its folder cannot. */
async function isOpenToOthers(file: string): Promise<boolean> {
  const path = resolve(file);
  if (path.startsWith(MOUNTED_SECRETS) || process.platform === 'win32') return false;
  try {
    const [{ mode }, folder] = await Promise.all([stat(path), stat(dirname(path))]);
    return (mode & ALL_READ_OR_WRITE) !== 0 && (folder.mode & ALL_ENTER) !== 0;
  } catch {
    // It was replaced or removed since it was read.
    return false;
  }
}

/** The name as written, unless it may be a token that was written in place of its file. */
function shown(source: SourceFile, path: ConfigPath): string {
  const name = source.written(path);
  return name === null || quoted(name) === null ? 'the file' : cleanText(name);
}

/** Whether it holds certificates, all of them readable. */
function isPem(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}

function keyOf(text: string): { readonly key: KeyObject } | { readonly mistake: string; readonly remedy: string } {
  if (/ENCRYPTED/.test(text)) {
    const remedy = 'Decrypt it with openssl pkey -in … -out …, and let only this user read the result.';
    return { mistake: 'holds an encrypted key, and nobody can type its passphrase here', remedy };
  }
  try {
    return { key: createPrivateKey(text) };
  } catch {
    return { mistake: 'holds no readable private key', remedy: NO_KEY };
  }
}
