import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { drawing } from '../support/fault-cases.ts';

const fixture = path.join(import.meta.dirname, 'fixtures/many-commands.ts');
const inputs = 500;
/** Of these, inputs that get past the command line's own check and open the host, which costs more. */
const openingInputs = 60;
const exitCodes = [0, 1, 2, 3, 4, 130];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly words: readonly string[];
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs all command lines in one process of their own. */
async function runAll(lines: readonly (readonly string[])[]): Promise<readonly Ended[]> {
  const [input, output] = [path.join(folder, 'lines.json'), path.join(folder, 'ended.json')];
  writeFileSync(input, JSON.stringify(lines));
  const environment = { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_LOG_LEVEL: 'silent' };
  await promisify(execFile)(process.execPath, ['--no-warnings', fixture, input, output], {
    env: { PATH: process.env.PATH, ...environment },
  });
  return JSON.parse(readFileSync(output, 'utf8')) as readonly Ended[];
}

/** A command line ends as the contract says: a code of the six, one JSON value where it was asked for, and never a stack. */
function expectContract({ words, code, stdout, stderr }: Ended): void {
  const said = JSON.stringify(words).slice(0, 300);
  expect(exitCodes, said).toContain(code);
  expect(`${stdout}${stderr}`, said).not.toMatch(/^\s+at .+[:(]\d+|node:internal|TypeError|RangeError|SNAP_INTERNAL/mu);
  const end = words.indexOf('--');
  if ((end === -1 ? words : words.slice(0, end)).includes('--json')) {
    expect(() => JSON.parse(stdout), `${said} printed ${stdout.slice(0, 300)}`).not.toThrow();
    expect(stderr, said).toBe('');
    if (code !== 0)
      expect(JSON.parse(stdout), said).toMatchObject({ error: { code: expect.stringMatching(/^SNAP_/u) } });
  } else if (code !== 0) {
    for (const line of ['Error: ', 'Code: SNAP_', 'Reason: ', 'Try this: ']) expect(stderr, said).toContain(line);
    // Control characters of what was typed must not reach a terminal.
    expect(stderr, said).not.toMatch(/(?![\n\t])\p{Cc}/u);
  }
}

const nasty = [
  '',
  ' ',
  '-',
  '--',
  '---',
  '-x',
  '--=',
  '=',
  '--no-such-flag',
  '--json=maybe',
  '../../etc/passwd',
  '/dev/null',
  'a\u0000b',
  'a\u001b[31mred',
  'line\nbreak',
  '__proto__',
  'constructor',
  'toString',
  '💥',
  '%00%2e%2e',
  '{"a":1}',
  '[]',
  'null',
  '-1',
  '1e999',
  'NaN',
  '999999999999999999999999',
  '$(id)',
  "'; drop table runs; --",
  'x'.repeat(20_000),
];
const ids = Object.keys(commands);
/** Flags that commands take, so that wrong values reach those who check them. */
const flags = ['--port', '--limit', '--preview', '--parameter', '--account', '--set', '--secret', '--cron', '--resume'];

/** Words that no command takes: one of seven kinds of mistake, drawn by the seed. */
function mistaken(draw: (below: number) => number): string[] {
  const any = <Item>(items: readonly Item[]): Item => items[draw(items.length)] as Item;
  const command = any(ids).split(':');
  const json = draw(2) === 0 ? ['--json'] : [];
  switch (draw(7)) {
    case 0:
      return [any(nasty), ...json];
    case 1:
      return [...command.slice(0, -1), `${command.at(-1)}${any(['s', 'x', 'é', '-'])}`, any(nasty), ...json];
    case 2:
      return [...json, ...command, `--${any(['no-such', 'jsn', 'Port', '_'])}`, any(nasty)];
    case 3:
      return [...command, any(flags), ...json, '--no-such'];
    case 4:
      return [...command, ...json, any(flags), any(nasty), '--no-such'];
    case 5:
      return [...command, ...Array.from({ length: 5 + draw(5) }, () => any(nasty)), '--no-such', ...json];
    default:
      return [...json, ...command, `${any(flags)}=${any(nasty)}`, any(nasty), '--no-such'];
  }
}

/** Inputs that are well-formed words about things that are not there, or not what they should be. */
function misplaced(draw: (below: number) => number, index: number): string[] {
  const any = <Item>(items: readonly Item[]): Item => items[draw(items.length)] as Item;
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const texts = [
    ...[
      '',
      '{',
      '[]',
      'null',
      '42',
      '"text"',
      deep,
      '{"name":1}',
      '{"__proto__":{"polluted":1},"name":"a","snaps":[]}',
    ],
    '{"name":"a","snaps":[{"id":"r","snap":"coupa.reed"}],"links":[["r","nowhere"],["r"]]}',
    '{"name":"a","snaps":[{"id":"r","snap":"core.map","settings":{"fields":{"a":"$nope("}}}],"links":[["r","r"]]}',
    '{"name":"a","snaps":[{"id":"r","snap":"core.read-file","settings":{"path":7}}]}',
  ];
  const file = path.join(folder, `${index}.pipeline.json`);
  writeFileSync(file, draw(8) === 0 ? Buffer.from([0xff, 0xfe, 0x00, 0x80]) : any(texts));
  const odd = any(nasty.filter((word) => !word.startsWith('-')));
  const words = any([
    ['pipeline', 'check', file],
    ['pipeline', 'plan', file],
    ['pipeline', 'lock', file],
    ['run', file],
    ['pipeline', 'import', file],
    ['pipeline', 'check', odd],
    ['runs', 'show', odd],
    ['runs', 'errors', odd],
    ['runs', 'cancel', odd],
    ['snap', 'show', odd],
    ['resource', 'show', odd],
    ['pack', 'check', odd],
    ['account', 'show', odd],
    ['account', 'test', odd],
    ['account', 'add', 'a', '--type', odd],
    ['schedule', 'remove', odd],
    ['cursor', 'remove', odd],
  ]);
  return draw(2) === 0 ? [...words, '--json'] : words;
}

describe('the command line', () => {
  it(`answers ${inputs} bad inputs with a code of its own, one JSON value where that was asked for, and never a stack`, async () => {
    const lines = Array.from({ length: inputs }, (_, index) => {
      const draw = drawing(index + 1);
      return index < openingInputs ? misplaced(draw, index) : mistaken(draw);
    });
    const ended = await runAll(lines);
    expect(ended).toHaveLength(inputs);
    for (const each of ended) expectContract(each);
    // A cursor that is not there is removed already, and an empty word asks for help: little of it is no mistake.
    expect(ended.filter(({ code }) => code === 2).length).toBeGreaterThan(inputs * 0.9);
  }, 300_000);
});
