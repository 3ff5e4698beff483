// Reads the repository's own source with a real parser, so that tests can hold its rules.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ESTree, parseSync } from 'vite';

export interface Import {
  readonly specifier: string;
  readonly isTypeOnly: boolean;
  readonly isLocal: boolean;
  /** Path of the imported file from the repository's root; '' for packages. */
  readonly resolved: string;
  /** The entry of src/ that the imported file belongs to; '' for packages. */
  readonly entry: string;
}

export interface FunctionSize {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionSize[];
  readonly strings: readonly string[];
  /** `line: what` for each use of a forbidden form. */
  readonly flaws: readonly string[];
}

const networkModules = new Set(
  ['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns', 'dns/promises'].flatMap((name) => [name, `node:${name}`]),
);
const networkPackages = ['undici', 'fastify', 'oidc-provider', 'pg', 'koa'];

/** The parsed TypeScript files under the given folders, by path. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ts$/u.test(name) && !name.includes('node_modules'))
      .toSorted()
      .map((name) => readSource(path.posix.join(folder, name.split(path.sep).join('/')))),
  );
}

export function importsOf(file: SourceFile): readonly Import[] {
  return file.imports;
}

export function functionsOf(file: SourceFile): readonly FunctionSize[] {
  return file.functions;
}

/** The entry of src/ that a file belongs to: its folder, or its own name for files directly in src/. */
export function entryOf(file: { readonly path: string }): string {
  return entryOfPath(file.path);
}

export function isNetworkModule(specifier: string): boolean {
  return (
    networkModules.has(specifier) ||
    networkPackages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
  );
}

/** Each import cycle as one line of paths; type-only imports do not count. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map((file) => [
      file.path,
      file.imports.filter((found) => found.isLocal && !found.isTypeOnly).map((found) => found.resolved),
    ]),
  );
  const done = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const visit = (name: string): void => {
    const start = trail.indexOf(name);
    if (start !== -1) {
      cycles.push([...trail.slice(start), name].join(' -> '));
      return;
    }
    if (done.has(name)) return;
    trail.push(name);
    for (const target of targets.get(name) ?? []) visit(target);
    trail.pop();
    done.add(name);
  };
  for (const file of files) visit(file.path);
  return cycles;
}

function entryOfPath(name: string): string {
  return /^src\/([^/.]+)/u.exec(name)?.[1] ?? '';
}

function readSource(name: string): SourceFile {
  const text = readFileSync(name, 'utf8');
  const { program, comments, errors } = parseSync(name, text);
  if (errors.length > 0) throw new Error(`${name} does not parse: ${errors[0]?.message}`);
  const lineOf = lineFinder(text);
  const imports: Import[] = [];
  const functions: FunctionSize[] = [];
  const strings: string[] = [];
  const flaws: string[] = [];
  const addImport = (specifier: string, isTypeOnly: boolean): void => {
    const isLocal = specifier.startsWith('.');
    const resolved = isLocal ? path.posix.join(path.posix.dirname(name), specifier) : '';
    imports.push({ specifier, isTypeOnly, isLocal, resolved, entry: entryOfPath(resolved) });
  };
  for (const node of nodesOf(program)) {
    switch (node.type) {
      case 'ImportDeclaration':
        addImport(node.source.value, importsOnlyTypes(node));
        break;
      case 'ExportNamedDeclaration':
        if (node.source) addImport(node.source.value, node.exportKind === 'type');
        break;
      case 'ExportAllDeclaration':
        addImport(node.source.value, node.exportKind === 'type');
        break;
      case 'ImportExpression':
        if (node.source.type === 'Literal') addImport(String(node.source.value), false);
        break;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        functions.push({
          name: (node.type === 'ArrowFunctionExpression' ? undefined : node.id?.name) ?? '(unnamed)',
          line: lineOf(node.start),
          lines: lineOf(node.end) - lineOf(node.start) + 1,
          parameters: node.params.length,
        });
        break;
      case 'Literal':
        if (typeof node.value === 'string') strings.push(node.value);
        break;
      case 'TemplateElement':
        strings.push(node.value.raw);
        break;
      case 'TSAnyKeyword':
      case 'TSNonNullExpression':
      case 'TSEnumDeclaration':
        flaws.push(`${lineOf(node.start)}: ${node.type}`);
        break;
    }
  }
  for (const comment of comments) {
    if (/@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable/u.test(comment.value)) {
      flaws.push(`${lineOf(comment.start)}: switched-off rule`);
    }
  }
  return { path: name, text, imports, functions, strings, flaws };
}

function importsOnlyTypes(node: ESTree.ImportDeclaration): boolean {
  const { importKind, specifiers } = node;
  if (importKind === 'type') return true;
  return (
    specifiers.length > 0 && specifiers.every((item) => item.type === 'ImportSpecifier' && item.importKind === 'type')
  );
}

/** Every node of a syntax tree, the outer before the inner. */
function* nodesOf(tree: ESTree.Node): Generator<ESTree.Node> {
  yield tree;
  for (const part of Object.values(tree).flat()) {
    if (part !== null && typeof part === 'object' && 'type' in part) yield* nodesOf(part as ESTree.Node);
  }
}

/** Gives the line (from 1) of an offset. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const after = starts.findIndex((start) => start > offset);
    return after === -1 ? starts.length : after;
  };
}
