import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  entryOf,
  functionsOf,
  importCycles,
  importsOf,
  isNetworkModule,
  type SourceFile,
  sourceFiles,
} from './support/source.ts';

const files = sourceFiles('src');
const others = sourceFiles('test', 'scripts', 'bench');
const own = files.filter((file) => entryOf(file) !== 'generated');

/** Who may import whom at run time; type-only imports are free. Everybody may import errors and document. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  document: [],
  generated: [],
  schema: ['generated'],
  pack: ['generated', 'schema'],
  expression: [],
  http: [],
  oauth: [],
  store: [],
  vault: ['oauth', 'http', 'store'],
  snap: ['generated', 'schema', 'pack', 'expression', 'http'],
  pipeline: ['generated', 'schema', 'pack', 'expression', 'snap'],
  core: ['generated', 'schema', 'expression', 'pipeline'],
  queue: ['store', 'pipeline'],
  host: [
    'generated',
    'schema',
    'pack',
    'expression',
    'http',
    'oauth',
    'store',
    'vault',
    'snap',
    'pipeline',
    'core',
    'queue',
  ],
  server: ['host', 'generated'],
  commands: ['host', 'generated'],
  simulator: ['generated', 'schema', 'pack'],
};
const everybody = ['errors', 'document'];
/** Single commands that may reach further, by file. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'src/commands/serve.ts': ['server'],
  'src/commands/account/authorize.ts': ['server'],
  'src/commands/demo.ts': ['simulator'],
  'src/commands/simulator/start.ts': ['simulator'],
};

function mayImport(file: SourceFile, target: string): boolean {
  const entry = entryOf(file);
  return (
    target === entry ||
    (everybody.includes(target) && entry !== 'errors') ||
    (allowed[entry] ?? []).includes(target) ||
    (exceptions[file.path] ?? []).includes(target)
  );
}

describe('the house', () => {
  it('has no entry that the import table does not know', () => {
    expect([...new Set(files.map(entryOf))].filter((entry) => !(entry in allowed))).toEqual([]);
  });

  it('imports at run time only what the table allows', () => {
    const outside = files.flatMap((file) =>
      importsOf(file)
        .filter((found) => found.isLocal && !found.isTypeOnly && !mayImport(file, found.entry))
        .map((found) => `${file.path} imports ${found.specifier}`),
    );
    expect(outside).toEqual([]);
  });

  it('reaches no file outside src and no folder beside the repository', () => {
    const outside = files.flatMap((file) =>
      importsOf(file)
        .filter((found) => found.isLocal && !found.resolved.startsWith('src/'))
        .map((found) => `${file.path} imports ${found.specifier}`),
    );
    expect(outside).toEqual([]);
  });

  it('has no import cycle', () => {
    expect(importCycles(files)).toEqual([]);
  });

  it('names the vendor only where the vendor lives', () => {
    const outside = own
      .filter((file) => entryOf(file) !== 'simulator' && /coupa/iu.test(file.text))
      .map((file) => file.path);
    expect(outside).toEqual([]);
  });

  it('reads the environment only in the host and the commands', () => {
    const outside = own
      .filter((file) => !['host', 'commands'].includes(entryOf(file)) && /\bprocess\.env\b/u.test(file.text))
      .map((file) => file.path);
    expect(outside).toEqual([]);
  });

  it('opens the network only in http, server and simulator', () => {
    const outside = own.flatMap((file) =>
      importsOf(file)
        .filter((found) => !found.isTypeOnly && isNetworkModule(found.specifier))
        .filter(
          (found) =>
            !['http', 'server', 'simulator'].includes(entryOf(file)) && !isDatabaseDriver(file, found.specifier),
        )
        .map((found) => `${file.path} imports ${found.specifier}`),
    );
    expect(outside).toEqual([]);
  });

  it('writes SQL only in the store and the SQL snaps', () => {
    const sql =
      /\b(?:select\s+[\w*,"\s]+\s+from|insert\s+into|delete\s+from|update\s+\w+\s+set|create\s+table|pragma)\b/iu;
    const outside = own
      .filter((file) => entryOf(file) !== 'store' && !/^src\/core\/.*sql/u.test(file.path))
      .filter((file) => file.strings.some((text) => sql.test(text)))
      .map((file) => file.path);
    expect(outside).toEqual([]);
  });

  it('keeps files under 400 lines and functions under 70', () => {
    const long = [...own, ...others]
      .filter((file) => file.text.split('\n').length > 400)
      .map((file) => `${file.path}: ${file.text.split('\n').length} lines`);
    const longFunctions = own.flatMap((file) =>
      functionsOf(file)
        .filter((found) => found.lines > 70)
        .map((found) => `${file.path}:${found.line} ${found.name}: ${found.lines} lines`),
    );
    expect([...long, ...longFunctions]).toEqual([]);
  });

  it('gives functions at most four parameters', () => {
    const wide = own.flatMap((file) =>
      functionsOf(file)
        .filter((found) => found.parameters > 4)
        .map((found) => `${file.path}:${found.line} ${found.name}: ${found.parameters} parameters`),
    );
    expect(wide).toEqual([]);
  });

  it('uses no any, no non-null assertion and no switched-off rule', () => {
    const flaws = [...own, ...others].flatMap((file) => file.flaws.map((flaw) => `${file.path}:${flaw}`));
    expect(flaws).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const odd = own.map((file) => file.path).filter((name) => !/^[a-z0-9/-]+(?:\.worker)?\.ts$/u.test(name));
    expect(odd).toEqual([]);
  });

  it('lists every error code with its meaning and exit code in docs/errors.md, and no other', async () => {
    const { errorTable } = await import('../src/errors.ts');
    const documented = [
      ...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `(SNAP_\w+)`\s+\| (.+?)\s+\| (\d+)\s+\|$/gmu),
    ].map(([, code, means, exit]) => `${code} ${exit} ${means}`);
    const known = Object.entries(errorTable).map(([code, row]) => `${code} ${row.exitCode} ${row.means}`);
    expect(documented.toSorted()).toEqual(known.toSorted());
  });
});

/** pg is a network module, and the store and the SQL snaps are where it may be. */
function isDatabaseDriver(file: SourceFile, specifier: string): boolean {
  return specifier === 'pg' && (entryOf(file) === 'store' || /^src\/core\/.*sql/u.test(file.path));
}
