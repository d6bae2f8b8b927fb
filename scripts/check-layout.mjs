// The layout rules that an import graph cannot show: no grab bags, no folder with one file or with too many to look
// through, and no callback that leads from the guards back up to what uses them.
//   node scripts/check-layout.mjs [ROOT]
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');
const MOST_FILES = 15;
const GRAB_BAG = /^(utils?|helpers?|common|misc|shared|index)(\.|$)/;
/** What these folders decide is data that their users carry out; functions they get are ports alone. */
const WITHOUT_CALLBACKS = /^src\/(core\/group|runtime\/guards)\//;
const PORTS = /src\/(gateway\/gateway|store\/store|time\/clock)\.ts$/;

const problems = [];
const sources = [];

function visit(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (GRAB_BAG.test(entry.name)) problems.push(`${relative(root, path)}: name it after what it does`);
    if (entry.isDirectory()) visit(path);
  }
  const own = entries.filter((entry) => entry.isDirectory() || !/\.test\.tsx?$/.test(entry.name));
  const files = own.filter((entry) => /\.tsx?$/.test(entry.name));
  if (own.length < 2) problems.push(`${relative(root, folder)}: a folder with one file; move the file up`);
  if (files.length > MOST_FILES) {
    problems.push(`${relative(root, folder)}: ${files.length} files, and ${MOST_FILES} at most; make rooms of it`);
  }
  sources.push(...files.map((entry) => join(folder, entry.name)));
}

/** Exported interfaces, and what constructors and public methods take, whose type is a function that is no port's. */
function reportCallbacks(paths) {
  const program = ts.createProgram(paths, {
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  for (const path of paths) {
    const file = program.getSourceFile(path);
    if (file === undefined) continue;
    const look = (node) => {
      const isPart = ts.isPropertySignature(node) || (ts.isParameter(node) && !ts.isFunctionTypeNode(node.parent));
      if (isPart && node.type !== undefined && isReachable(node) && isCallback(checker, node)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        problems.push(
          `${relative(root, path)}:${line + 1}: ${node.name.getText()} is a callback; answer with an effect instead`,
        );
      }
      ts.forEachChild(node, look);
    };
    look(file);
  }
}

function isReachable(node) {
  const owner = node.parent;
  if (ts.isInterfaceDeclaration(owner) || ts.isFunctionDeclaration(owner)) return isExported(owner);
  const isMember = ts.isConstructorDeclaration(owner) || ts.isMethodDeclaration(owner);
  return isMember && (ts.getCombinedModifierFlags(owner) & ts.ModifierFlags.Private) === 0;
}

function isExported(node) {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
}

function isCallback(checker, node) {
  const type = checker.getTypeAtLocation(node);
  const isFunction = checker.getNonNullableType(type).getCallSignatures().length > 0;
  const declared = type.aliasSymbol?.declarations?.[0]?.getSourceFile().fileName ?? '';
  return isFunction && !PORTS.test(declared);
}

visit(join(root, 'src'));
reportCallbacks(sources.filter((path) => WITHOUT_CALLBACKS.test(relative(root, path))));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log('layout: no grab bags, no lonely files, no crowded folders, no callbacks into the guards');
