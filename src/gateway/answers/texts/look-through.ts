import { plainWords, withoutAccents } from '../../profiles/plain-words.ts';

export interface Member {
  readonly key: string;
  readonly value: unknown;
}

/** A deeper body says nothing of itself; nor does what comes after this many keys. */
const DEEPEST = 6;
const MOST_KEYS = 200;
const MOST_ITEMS = 8;
const MOST_FOUND = 16;
/** Of longer keys and words only this many characters count. */
const LONGEST_NAME = 40;
const LONGEST_WORD = 20;

// The names of keys, in lower case and of letters only: `errorMessage`, `error_message` and `Error-Message` are the same.

const ERROR = /^(?:error|errors|erro|erros|errores|err|exception|excecao|excepcion|fault|failure|falha|fallo)$/u;
const EXPLANATION =
  /^(?:(?:(?:error|erro|err|fault|failure|status|response|result)?(?:message|msg|mensagem|mensaje|reason|razao|motivo|description|descricao|descripcion|details?|detalhes?|detalles?|cause|causa|info|title|titulo))|(?:error|erro|err|fault|status|response|result)(?:text|texto|string|name))$/u;
/** What only wraps what it is about. What is about an instance, a webhook or a chat is none. */
const WRAPPER = /^(?:data|dados|datos|response|resposta|respuesta|result|resultado|body|payload|output|meta)$/u;
const CODE =
  /^(?:(?:http|error|erro|err|response|result|return)?(?:status)?codes?|(?:http|error|response|result)?status|cod|codigo|codigo(?:de)?erro|codigo(?:de)?error)$/u;
const ACHIEVED =
  /^(?:(?:is|was)?(?:success|successful|sucesso|exito|ok|restarted|reiniciad[oa]|rebooted|accepted|aceito|aceptado))$/u;
const FAILED = /^(?:has|is|was)?(?:error|erro|err|failed|falhou|rejected|refused|denied)$/u;
const RESULT = /^(?:status|result|resultado|outcome|situacao)$/u;

/** Among codes and explanations, those of an error. */
const OF_ERROR = /^(?:err|fault|failure|exce[pc])/u;

const NO: ReadonlySet<string> = new Set(['false', 'no', 'nao', 'n', '0']);
const YES: ReadonlySet<string> = new Set(['true', 'yes', 'sim', 'si', 'y', '1']);
const FAILURES: ReadonlySet<string> = new Set([
  ...['error', 'erro', 'fail', 'failed', 'failure', 'falha', 'falhou', 'fallo', 'fallido', 'exception', 'ko', 'nok'],
  ...['not ok', 'unsuccessful', 'denied', 'negado', 'rejected', 'rejeitado', 'rechazado', 'refused', 'recusado'],
]);

/** What stands where an error would, if there were one. */
const NO_ERROR =
  /^(?:|0|no|none|null|nil|false|undefined|ok|success|nenhum|nenhuma|ninguno|ninguna|no error|no errors|sem erro|sin error)$/u;

/** Whether a text, a list or an object is not empty, and does not say that there is nothing. */
export function saysSomething(value: unknown): boolean {
  if (typeof value === 'string') return !NO_ERROR.test(plainWords(value)) || /\d{3}/u.test(value);
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/**
 * Looks through a body for what it says of a failure, along keys that wrap or explain, whatever their order and their
 * spelling. This is slower than to look into the usual places, and so for answers only that are not plainly well.
 *
 * @param ignored the place of the connection state, which is nothing else
 */
export function lookThrough(json: unknown, ignored: string | null): Walk {
  const walk = new Walk(ignored);
  // A list of several is about several, and nobody knows which one is meant.
  walk.visit(Array.isArray(json) && json.length > 1 ? null : json, { path: '', depth: 0, isExplaining: false });
  return walk;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  /** Within an error or an explanation every text counts. */
  readonly isExplaining: boolean;
}

/** What a body says of a failure, wherever in it that stands. */
class Walk {
  /** What explains something to people. */
  readonly texts: string[] = [];
  /** What stands where a status would. Most of it is no status of HTTP. */
  readonly codes: Member[] = [];
  /** What shows that a call was not carried out; null: nothing does. */
  denied: Member | null = null;
  /** An error that says something, or has a number of its own; null: there is none. */
  error: Member | null = null;
  readonly #ignored: string | null;
  #keysLeft = MOST_KEYS;

  constructor(ignored: string | null) {
    this.#ignored = ignored;
  }

  visit(value: unknown, place: Place): void {
    if (typeof value === 'string') {
      if (value.trim() !== '' && this.texts.length < MOST_FOUND) this.texts.push(value);
      return;
    }
    if (typeof value !== 'object' || value === null || place.depth === DEEPEST) return;
    const inner = { ...place, depth: place.depth + 1 };
    if (Array.isArray(value)) {
      for (const item of value.slice(0, MOST_ITEMS)) this.visit(item, inner);
      return;
    }
    for (const key of Object.keys(value)) {
      if (this.#keysLeft === 0) return;
      this.#keysLeft -= 1;
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (path !== this.#ignored) this.#member(key, (value as Record<string, unknown>)[key], { ...inner, path });
    }
  }

  #member(key: string, value: unknown, place: Place): void {
    const of = kindOf(key);
    if ((of.code || of.error) && isScalar(value) && this.codes.length < MOST_FOUND) this.codes.push({ key, value });
    const isDenied = typeof value !== 'object' && value !== undefined && isDenial(of, value);
    if (isDenied) this.denied ??= { key, value };
    if (of.ownError && (saysSomething(value) || isErrorNumber(value))) this.error ??= { key, value };
    if (of.explanation) this.visit(value, { ...place, isExplaining: true });
    else if (!isDenied && (place.isExplaining || of.wrapper)) this.visit(value, place);
  }
}

/** What is to be expected where a key of this name stands. */
interface Kind {
  readonly error: boolean;
  readonly code: boolean;
  readonly explanation: boolean;
  /** An error, or a code or an explanation of one. */
  readonly ownError: boolean;
  readonly wrapper: boolean;
  readonly says: 'achieved' | 'failed' | 'result' | null;
}

/** Gateways have few keys, and name them the same way in each answer. */
const MOST_KINDS = 500;
const kinds = new Map<string, Kind>();

function kindOf(key: string): Kind {
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const kind = newKindOf(withoutAccents(key.slice(0, LONGEST_NAME)).replace(/[^a-z]+/gu, ''));
  if (kinds.size === MOST_KINDS) kinds.clear();
  if (key.length <= LONGEST_NAME) kinds.set(key, kind);
  return kind;
}

function newKindOf(name: string): Kind {
  const error = ERROR.test(name);
  const code = CODE.test(name);
  const explanation = error || EXPLANATION.test(name);
  return {
    error,
    code,
    explanation,
    ownError: error || (OF_ERROR.test(name) && (code || explanation)),
    wrapper: WRAPPER.test(name),
    says: RESULT.test(name) ? 'result' : FAILED.test(name) ? 'failed' : ACHIEVED.test(name) ? 'achieved' : null,
  };
}

function isDenial({ says, wrapper }: Kind, value: unknown): boolean {
  if (says === null) return wrapper && value === false;
  const word = withoutAccents(String(value).slice(0, LONGEST_WORD)).trim();
  if (says === 'result' && FAILURES.has(word)) return true;
  if (says === 'failed') return YES.has(word);
  return says === 'achieved' ? NO.has(word) : wrapper && value === false;
}

function isScalar(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}

/** Neither 0 nor the status of a success. */
function isErrorNumber(value: unknown): boolean {
  return typeof value === 'number' && value !== 0 && !(value >= 200 && value < 300);
}
