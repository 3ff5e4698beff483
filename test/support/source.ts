// Reads the repository's own source with a real parser, so that tests can hold its rules.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, Visitor } from 'vite';

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
  const addFunction = (node: {
    start: number;
    end: number;
    params: readonly unknown[];
    id?: { name: string } | null;
  }): void => {
    const line = lineOf(node.start);
    functions.push({
      name: node.id?.name ?? '(unnamed)',
      line,
      lines: lineOf(node.end) - line + 1,
      parameters: node.params.length,
    });
  };
  const visitor = new Visitor({
    ImportDeclaration: (node) => {
      const named = node.specifiers.length > 0;
      const everyNameIsType = node.specifiers.every(
        (item) => item.type === 'ImportSpecifier' && item.importKind === 'type',
      );
      addImport(node.source.value, node.importKind === 'type' || (named && everyNameIsType));
    },
    ExportNamedDeclaration: (node) => {
      if (node.source) addImport(node.source.value, node.exportKind === 'type');
    },
    ExportAllDeclaration: (node) => addImport(node.source.value, node.exportKind === 'type'),
    ImportExpression: (node) => {
      if (node.source.type === 'Literal') addImport(String(node.source.value), false);
    },
    FunctionDeclaration: addFunction,
    FunctionExpression: addFunction,
    ArrowFunctionExpression: (node) => addFunction({ start: node.start, end: node.end, params: node.params }),
    Literal: (node) => {
      if (typeof node.value === 'string') strings.push(node.value);
    },
    TemplateElement: (node) => {
      strings.push(node.value.raw);
    },
    TSAnyKeyword: (node) => {
      flaws.push(`${lineOf(node.start)}: any`);
    },
    TSNonNullExpression: (node) => {
      flaws.push(`${lineOf(node.start)}: non-null assertion`);
    },
    TSEnumDeclaration: (node) => {
      flaws.push(`${lineOf(node.start)}: enum`);
    },
  });
  visitor.visit(program);
  for (const comment of comments) {
    if (/@ts-(?:ignore|expect-error|nocheck)|biome-ignore|eslint-disable/u.test(comment.value)) {
      flaws.push(`${lineOf(comment.start)}: switched-off rule`);
    }
  }
  return { path: name, text, imports, functions, strings, flaws };
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
