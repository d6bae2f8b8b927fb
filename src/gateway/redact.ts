import type { JsonValue } from '../core/instance/instance.ts';
import type { Masks } from '../redaction/masks.ts';
import { redactText } from '../redaction/outside-text.ts';
import { MASK } from '../redaction/secret-finder.ts';

const CUT = '…';

/** Bounds of a value kept from a gateway's answer; `size` counts the characters of all its texts and keys. */
const BOUNDS = { depth: 8, entries: 64, text: 1_024, key: 128, size: 4_096 } as const;

/** Keys, compared like state words, whose values are credentials or allow a stranger to take over the WhatsApp account. */
const SECRET_KEY =
  /token|apikey|secret|passw|authorization|cookie|credential|privatekey|signature|jwt|^key$|^qr|qr$|qrcode|urlcode|base64|pairingcode|phonecode/u;

/** Under this key Evolution API gives a QR code's content, others a harmless number or word. */
const LONG_CODE = { key: 'code', length: 20 } as const;

const EMBEDDED_FILE = /^data:[^,]{0,100};base64,/u;

/**
 * Makes a gateway's JSON fit to be kept and shown: secrets masked, values under keys that look secret masked, depth,
 * lengths and total size bounded. What is left out is marked with `…`. Keys called `__proto__` are dropped.
 */
export function redactJson(value: unknown, masks: Masks): JsonValue {
  return new JsonRedaction(masks).redact(value, 0);
}

class JsonRedaction {
  readonly #masks: Masks;
  #sizeLeft: number = BOUNDS.size;

  constructor(masks: Masks) {
    this.#masks = masks;
  }

  redact(value: unknown, depth: number): JsonValue {
    switch (typeof value) {
      case 'string':
        return EMBEDDED_FILE.test(value) ? MASK : this.#text(value, BOUNDS.text);
      case 'number':
        return Number.isFinite(value) ? this.#number(value) : null;
      case 'boolean':
        this.#sizeLeft -= 5;
        return value;
      case 'object':
        if (value === null) return null;
        if (depth >= BOUNDS.depth || this.#sizeLeft <= 0) return CUT;
        return Array.isArray(value) ? this.#list(value, depth) : this.#object(value, depth);
      default:
        return null;
    }
  }

  #text(text: string, limit: number): string {
    const clean = redactText(text, this.#masks, Math.min(limit, Math.max(this.#sizeLeft, CUT.length)));
    this.#sizeLeft -= clean.length;
    return clean;
  }

  /** A number can be a secret, too: a token of digits only. */
  #number(value: number): JsonValue {
    this.#sizeLeft -= String(value).length;
    return this.#masks.body(value);
  }

  #list(items: readonly unknown[], depth: number): JsonValue {
    const kept: JsonValue[] = [];
    for (const item of items) {
      if (kept.length >= BOUNDS.entries || this.#sizeLeft <= 0) {
        kept.push(CUT);
        break;
      }
      this.#sizeLeft -= 1;
      kept.push(this.redact(item, depth + 1));
    }
    return kept;
  }

  #object(object: object, depth: number): JsonValue {
    const kept: [string, JsonValue][] = [];
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      if (key === '__proto__') continue;
      if (kept.length >= BOUNDS.entries || this.#sizeLeft <= 0) {
        kept.push([CUT, CUT]);
        break;
      }
      const name = this.#text(key, BOUNDS.key);
      kept.push([name, isSecret(key, value) ? MASK : this.redact(value, depth + 1)]);
    }
    // Unlike an assignment, fromEntries never runs a setter, whatever the key.
    return Object.fromEntries(kept);
  }
}

/** Null and booleans only show whether there is a secret, which is no secret. */
function isSecret(key: string, value: unknown): boolean {
  if (value === null || typeof value === 'boolean') return false;
  const name = key
    .slice(0, BOUNDS.key)
    .toLowerCase()
    .replace(/[-_\s]+/gu, '');
  if (name === LONG_CODE.key) return typeof value === 'string' && value.length > LONG_CODE.length;
  return SECRET_KEY.test(name);
}
