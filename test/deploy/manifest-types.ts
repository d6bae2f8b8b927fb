import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './tools.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** @throws Error that says what the schema of its kind does not allow */
export async function validate(manifest: Manifest): Promise<void> {
  const { apiVersion: _, kind, ...data } = manifest;
  const models = (await import(moduleOf(manifest))) as Record<string, new (data: object) => { validate(): void }>;
  new models[kind]!(data).validate();
}

/** The module that knows a kind, made from the schemas of Kubernetes and of its operator for Prometheus. */
function moduleOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): string {
  const library = apiVersion.startsWith('monitoring.coreos.com/')
    ? '@kubernetes-models/prometheus-operator'
    : 'kubernetes-models';
  return `${library}/${apiVersion}/${kind}`;
}

/**
 * What the types of Kubernetes have against these manifests; keys that do not exist above all, which the API server
 * drops in silence and JSON schemas let through.
 */
export function typeErrors(manifests: readonly Manifest[]): string[] {
  const file = join(ROOT, 'test/deploy/all-manifests.ts');
  const text = manifests
    .map((manifest, i) => {
      const kind = `I${manifest.kind}`;
      return (
        `import type { ${kind} as T${i} } from ${JSON.stringify(moduleOf(manifest))};\n` +
        `export const manifest${i}: T${i} = ${JSON.stringify(manifest)};\n`
      );
    })
    .join('');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: [],
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === file || disk.fileExists(name),
    readFile: (name) => (name === file ? text : disk.readFile(name)),
    getSourceFile: (name, ...rest) =>
      name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2023) : disk.getSourceFile(name, ...rest),
  };
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
