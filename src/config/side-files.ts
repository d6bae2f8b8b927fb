import { X509Certificate } from 'node:crypto';
import { dirname } from 'node:path';
import type { Problem } from '../core/problem.ts';
import type { YamlFile } from './parse-yaml.ts';
import type { ConfigPath } from './problems.ts';
import { signingKeyMistake, webhookUrlMistake } from './notify-schema.ts';
import { tokenMistake } from './scalars.ts';
import { fromFolder, readText } from './sources.ts';

interface SecretKind {
  readonly what: string;
  /** Why a text cannot be one; null when it can. */
  readonly mistakeIn: (text: string) => string | null;
}

/** Reads the files that a configuration names besides its own, and keeps count of them. */
export class SideFiles {
  readonly problems: Problem[] = [];
  /** Paths of all files asked for, readable or not. */
  readonly files = new Set<string>();

  /**
   * The secret in the file named at `path`, without the line breaks at its end; the empty text when there is a
   * problem, which is then kept in `problems`.
   */
  async token(yaml: YamlFile, path: ConfigPath, name: string): Promise<string> {
    return await this.#secret(yaml, path, name, { what: 'token', mistakeIn: tokenMistake });
  }

  /** The same for the URL of a webhook. */
  async webhookUrl(yaml: YamlFile, path: ConfigPath, name: string): Promise<string> {
    return await this.#secret(yaml, path, name, { what: 'URL', mistakeIn: webhookUrlMistake });
  }

  /** The same for the key of a signature. */
  async signingKey(yaml: YamlFile, path: ConfigPath, name: string): Promise<string> {
    return await this.#secret(yaml, path, name, { what: 'key', mistakeIn: signingKeyMistake });
  }

  /** The certificates in the PEM file named at `path`; the empty text when there is a problem. */
  async certificates(yaml: YamlFile, path: ConfigPath, name: string): Promise<string> {
    const text = await this.#read(yaml, path, name);
    if (text === undefined || isPem(text)) return text ?? '';
    const remedy = 'Name a PEM file, which holds "-----BEGIN CERTIFICATE-----" lines.';
    this.#report(yaml, path, `${shown(yaml, path)} holds no certificate that can be read`, remedy);
    return '';
  }

  async #secret(yaml: YamlFile, path: ConfigPath, name: string, { what, mistakeIn }: SecretKind): Promise<string> {
    const text = (await this.#read(yaml, path, name))?.replace(/[\r\n]+$/, '');
    if (text === undefined) return '';
    const mistake = mistakeIn(text);
    if (mistake === null) return text;
    const remedy = `Write the ${what} into the file, and nothing else.`;
    this.#report(yaml, path, `the ${what} in ${shown(yaml, path)} ${mistake}`, remedy);
    return '';
  }

  async #read(yaml: YamlFile, path: ConfigPath, name: string): Promise<string | undefined> {
    if (yaml.isUnresolved(path)) return undefined;
    const file = fromFolder(dirname(yaml.file), name);
    this.files.add(file);
    const content = await readText(file);
    if ('text' in content) return content.text;
    this.#report(
      yaml,
      path,
      `${shown(yaml, path)} ${content.mistake}`,
      'Correct the path (it counts from the folder of this file).',
    );
    return undefined;
  }

  #report(yaml: YamlFile, path: ConfigPath, message: string, remedy: string): void {
    this.problems.push(yaml.problemAt(path, message, remedy));
  }
}

/** The name as written: who puts the token itself where its file belongs shall not find it in a log. */
function shown(yaml: YamlFile, path: ConfigPath): string {
  return yaml.written(path) ?? 'the file';
}

/** Whether there are certificates in it, and all of them can be read. */
function isPem(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
