import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { errorIn } from '../language/problem-sentences.ts';
import { commandLine } from '../../test/cli/command-line.ts';

const SOURCE = join(import.meta.dirname, '..');
/** What makes the errors that a command prints, and which of its arguments are texts. */
const MAKERS: Readonly<Record<string, readonly number[]>> = {
  UsageError: [0],
  CommandError: [0],
  InvalidArgumentError: [0],
  StoreError: [1],
  corruptState: [1],
  newerState: [1],
  misplacedState: [1, 2],
  unfit: [1, 2],
  HttpProblem: [1],
};
/** Texts that are not at the place where the error is made, each from the file that has them. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  'store/level/level-errors.ts': ['REMEDIES', 'OTHERWISE'],
  'store/postgres/postgres-errors.ts': ['REMEDIES', 'OTHERWISE'],
  'http/server.ts': ['LISTEN_REMEDIES'],
};
/** What comes from outside, or from a part that is looked up by itself. */
const FOREIGN = new Set(['<>', '<>: <>', '<>:<>: <>', '--id <> <>', '<> was not restarted: <>.<>']);

interface Found {
  readonly file: string;
  readonly text: string;
}

/** A literal as the catalogue has it: `<>` for what differs. Null: it is none. */
function patternOf(node: ts.Expression | undefined): string | null {
  if (node === undefined) return null;
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `<>${literal.text}`).join('');
  }
  if (!ts.isBinaryExpression(node)) return null;
  const [left, right] = [patternOf(node.left), patternOf(node.right)];
  return left === null || right === null ? null : left + right;
}

function textsIn(file: string): readonly Found[] {
  const source = ts.createSourceFile(file, readFileSync(join(SOURCE, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Found[] = [];
  const add = (node: ts.Expression | undefined): void => {
    const text = patternOf(node);
    if (text !== null && /[A-Za-z]{3} /.test(text)) found.push({ file, text });
  };
  const collect = (node: ts.Node): void => {
    if (ts.isExpression(node)) add(node);
    ts.forEachChild(node, collect);
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && ts.isIdentifier(node.expression)) {
      for (const index of MAKERS[node.expression.text] ?? []) add(node.arguments?.[index]);
    }
    const isDetail = ts.isVariableDeclaration(node) && node.name.getText() === 'detail' && file.startsWith('http/');
    if (isDetail) add(node.initializer);
    const isTable = ts.isVariableDeclaration(node) && TABLES[file]?.includes(node.name.getText()) === true;
    if (isTable && node.initializer !== undefined) collect(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function sources(folder: string): readonly string[] {
  return readdirSync(join(SOURCE, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`);
}

/** Routes that commands call, and what may refuse them there. */
const ROUTES = [
  'action-body',
  'action-routes',
  'account-routes',
  'instance-query',
  'instance-routes',
  'process-routes',
].map((name) => `http/routes/${name}.ts`);
const HTTP = [...ROUTES, 'http/access/access.ts', 'http/access/json-body.ts', 'http/load/slots.ts', 'http/server.ts'];

const TEXTS = [...sources('cli'), ...sources('store'), ...HTTP].flatMap(textsIn);

describe('what a command cannot do, in Portuguese', () => {
  it('is found in the sources', () => {
    expect(TEXTS.length).toBeGreaterThan(80);
    expect(new Set(TEXTS.map(({ file }) => file)).size).toBeGreaterThan(15);
  });

  it('has a sentence for each error that is made', () => {
    const missing = TEXTS.filter(({ text }) => {
      const filled = text.replaceAll('<>', 'X1');
      return !FOREIGN.has(text) && errorIn('pt-BR', filled) === filled;
    });
    expect(missing).toEqual([]);
  });

  it.each<[string[], string]>([
    [['chek'], "erro: comando desconhecido 'chek'\n(Você quis dizer check?)"],
    [['check', '--conf'], "erro: opção desconhecida '--conf'\n(Você quis dizer --config?)"],
    [['check', 'x', 'y'], "erro: argumentos demais para 'check'. São esperados 0, e vieram 2."],
    [['restart'], "erro: falta o argumento obrigatório 'NAME'"],
    [['simulate'], "erro: falta a opção obrigatória '--scenario <FILE>'"],
    [['check', '-c'], "erro: falta o valor da opção '-c, --config <FILE>'"],
    [
      ['demo', '--port', 'x'],
      "erro: o valor 'x' da opção '--port <N>' é inválido. Uma porta é um número de 0 a 65535.",
    ],
    [['notify', 'fly'], "erro: o valor 'fly' é inválido para o argumento 'ACTION'. Os valores possíveis são test."],
    [['report', '--month', 'May'], '--month: escreva como 2026-11'],
    [['gateways', 'evolucion'], 'não existe o gateway embutido "evolucion". Você quis dizer "evolution"?'],
    [['help', 'chek'], "erro: comando desconhecido 'chek'\n(Você quis dizer check?)"],
    [['status', '--url', 'localhost:9847'], '--url: escreva como http://127.0.0.1:9847'],
    [['report', '--json', '--csv'], '--json e --csv se excluem. Fique com um dos dois.'],
    [['init', '-c', '/nowhere/config.yaml'], 'aqui não há a quem perguntar, porque isto não é um terminal: informe'],
  ])('%j', async (args, expected) => {
    const { exit, output } = await commandLine(args, { LANG: 'pt_BR.UTF-8' });
    expect(exit).toBe(2);
    expect(output).toContain(expected);
    const isParsers = output.startsWith('erro:');
    expect(output.includes('--help lista todos os comandos e opções.')).toBe(isParsers);
    expect((await commandLine(args)).output).not.toContain(expected);
  });
});

it('says why a running daemon refuses something', () => {
  const refusal = 'the watchdog answers 404: No instance of this name is watched; GET /api/v1/instances lists all.';
  expect(errorIn('pt-BR', refusal)).toBe(
    'o watchdog responde 404: Nenhuma instância com este nome é monitorada; GET /api/v1/instances lista todas.',
  );
});

it.each([
  ['/no/s.txt: cannot be read: no such file. Check the path given with --scenario.', 'o arquivo não existe. Verifique'],
  ['the token file /no cannot be read: permission denied', 'o arquivo de token /no não pode ser lido: sem permissão'],
])('says why a file cannot be read: %s', (english, portuguese) => {
  expect(errorIn('pt-BR', english)).toContain(portuguese);
  expect(errorIn('pt-BR', english)).not.toContain('cannot');
});

it('says why the state cannot be used, with what the system says of it', () => {
  const reason = 'the state in /data cannot be used: saving failed (ENOSPC: no space); free some space on that disk';
  expect(errorIn('pt-BR', reason)).toBe(
    'o estado em /data não pode ser usado: a gravação falhou (ENOSPC: no space); libere espaço nesse disco',
  );
});
