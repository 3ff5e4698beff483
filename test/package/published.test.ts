// The package as it is published: what is in it, and that it runs without this repository.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fencesOf } from '../docs/guide.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'published-'));
const checkout = path.join(folder, 'checkout');
const notCopied = new Set(['node_modules', 'dist', '.git', 'coverage', 'test', 'bench']);
/** Everything that may be in the package. */
const allowed = [
  /^(?:package|manifest)\.json$/u,
  /^(?:ARCHITECTURE|CHANGELOG|README|SECURITY)\.md$|^LICENSE$/u,
  /^bin\/snaps\.js$/u,
  /^dist\/(?!web\/).+\.(?:js|d\.ts)$/u,
  /^dist\/web\/(?:index\.html|[\w./-]+\.(?:js|css|svg|woff2|webmanifest|png|ico))$/u,
  /^examples\/[\w-]+\.(?:pipeline\.json|csv)$/u,
  /^(?:packs|schemas)\/[\w./-]+\.json$/u,
];

interface PackageFile {
  readonly name: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function runNode(words: readonly string[], directory: string): { readonly code: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: folder, SNAPS_DATA_DIR: path.join(folder, 'data') },
    encoding: 'utf8',
  });
  return { code: status, text: `${stdout}${stderr}` };
}

function pack(name: string): Buffer {
  const destination = path.join(folder, name);
  mkdirSync(destination);
  const packed = spawnSync('npm', ['pack', '--silent', '--offline', '--pack-destination', destination], {
    cwd: checkout,
    env: { ...process.env, npm_config_cache: path.join(folder, 'npm-cache'), npm_config_update_notifier: 'false' },
    encoding: 'utf8',
  });
  expect(packed.status, packed.stderr).toBe(0);
  const [file = ''] = readdirSync(destination);
  return readFileSync(path.join(destination, file));
}

let first: Buffer;
let installed: string;
let published: PackageFile;

beforeAll(() => {
  cpSync('.', checkout, { recursive: true, filter: (source) => !notCopied.has(path.relative('.', source)) });
  symlinkSync(path.resolve('node_modules'), path.join(checkout, 'node_modules'));
  first = pack('first');
  const modules = path.join(folder, 'application', 'node_modules');
  mkdirSync(modules, { recursive: true });
  const [tarball = ''] = readdirSync(path.join(folder, 'first'));
  expect(spawnSync('tar', ['xzf', path.join(folder, 'first', tarball), '-C', modules]).status).toBe(0);
  published = JSON.parse(readFileSync(path.join(modules, 'package', 'package.json'), 'utf8'));
  installed = path.join(modules, published.name);
  renameSync(path.join(modules, 'package'), installed);
  // Only what package.json names is there for it, as after an install.
  for (const name of Object.keys(published.dependencies)) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.resolve('node_modules', name), path.join(modules, name));
  }
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the published package', () => {
  it('holds only files that belong there: no tests, maps, keys or binaries', () => {
    const files = readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(installed, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['bin/snaps.js', 'dist/commands/main.js', 'dist/web/index.html']));
  });

  it('is the same to the byte when it is packed again', () => {
    expect(pack('second').equals(first)).toBe(true);
  }, 120_000);

  it('runs the demo on its own, with nothing but its named dependencies', () => {
    const application = path.join(folder, 'application');
    const words = [
      path.join(installed, 'bin/snaps.js'),
      'demo',
      '--records',
      '100',
      '--output-directory',
      'out',
      '--json',
    ];
    const { code, text } = runNode(words, application);
    expect(text).toContain('"completed"');
    expect(code).toBe(0);
    expect(readFileSync(path.join(application, 'out/invoices.ndjson'), 'utf8').trim().split('\n')).toHaveLength(100);
  });

  it('types its door and the records for a program of somebody else, and refuses a wrong field', () => {
    const application = path.join(folder, 'application');
    const program = [
      `import { type Host, openHost, resolveConfig } from '${published.name}';`,
      `import type { CoupaInvoice, CoupaSupplier } from '${published.name}/coupa';`,
      "export const number = (invoice: CoupaInvoice): string | null | undefined => invoice['invoice-number'];",
      "export const lines = (invoice: CoupaInvoice): number => invoice['invoice-lines']?.length ?? 0;",
      "export const open = async (): Promise<Host> => openHost(await resolveConfig({ directory: '.', environment: {} }));",
      "export const extra: CoupaSupplier = { name: 'A', 'no-such-field': 1 };",
      "export const misspelt = (invoice: CoupaInvoice) => invoice['invoice-nummer'];",
      "export const total = (invoice: CoupaInvoice): number => invoice['gross-total'];",
    ];
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2024',
      noEmit: true,
      types: [],
      skipLibCheck: true,
    };
    writeFileSync(path.join(application, 'package.json'), '{ "type": "module" }');
    writeFileSync(path.join(application, 'program.ts'), program.join('\n'));
    writeFileSync(path.join(application, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
    const { text } = runNode([path.resolve('node_modules/typescript/bin/tsc'), '-p', application], application);
    const faults = [...text.matchAll(/^program\.ts\((\d+),.*?error (TS\d+)/gmu)].map(
      ([, line, code]) => `${line} ${code}`,
    );
    expect(faults, text).toEqual(['6 TS2353', '7 TS2551', '8 TS2322']);
    expect(text).toContain("Did you mean 'invoice-number'?");
  });

  it('types the program of the guide', () => {
    const application = path.join(folder, 'application');
    const programs = fencesOf('docs/guides/library.md').filter(({ language }) => language === 'ts');
    expect(programs).toHaveLength(1);
    writeFileSync(path.join(application, 'package.json'), '{ "type": "module" }');
    for (const { name, text } of programs) writeFileSync(path.join(application, name), text);
    const words = [
      '--ignoreConfig',
      '--strict',
      '--noEmit',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--skipLibCheck',
    ];
    const types = ['--types', 'node', '--typeRoots', path.resolve('node_modules/@types')];
    const { code, text } = runNode(
      [path.resolve('node_modules/typescript/bin/tsc'), ...words, ...types, ...programs.map(({ name }) => name)],
      application,
    );
    expect([code, text]).toEqual([0, '']);
  });

  it('brings no Node of its own and asks for one that is new enough', () => {
    expect(published).not.toHaveProperty('optionalDependencies');
    expect(published).toMatchObject({ engines: { node: '>=24' }, bin: { snaps: './bin/snaps.js' } });
  });
});
