import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { runCommand } from '../support/command.ts';

/** What each kind of document makes the one expression do. */
const hostile = {
  'endless recursion': '($f := function($n) { 1 + $f($n + 1) }; $f(0))',
  'endless tail recursion': '($f := function($n) { $f($n + 1) }; $f(0))',
  'a sum over ten million': '$sum([1..10000000].($ * $))',
  'a range beyond memory': '$count([1..9000000].[1..1000])',
  'a text of a gigabyte': '$length($pad("", 1000000000, "x"))',
  'a text that doubles': '($t := function($s, $n) { $n = 0 ? $length($s) : $t($s & $s, $n - 1) }; $t("abcdefgh", 40))',
  'a prototype': '{ "own": $keys(__proto__), "made": $lookup($, "constructor") }',
} as const;
const kinds = Object.keys(hostile) as (keyof typeof hostile)[];
const branches = kinds.map((kind) => `kind = '${kind}' ? ${hostile[kind]} : `).join('');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-hostile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lines = (name: string): JsonObject[] =>
  readFileSync(path.join(folder, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JsonObject);

describe('a run whose documents make its expression hostile', () => {
  it('ends each of them by the deadline in an error document, and goes on with all others', async () => {
    // A catastrophic pattern meets its text in every good document: it must cost them nothing.
    const good = `$match(text, /(a+)+$/) ? 'matched' : 'no match'`;
    const documents = kinds.flatMap((kind, n) => [
      { n: 2 * n, kind: 'good', text: `${'a'.repeat(50_000)}!` },
      { n: 2 * n + 1, kind, text: '' },
    ]);
    writeFileSync(path.join(folder, 'in.ndjson'), documents.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const pipeline = {
      name: 'hostile',
      snaps: [
        { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
        { id: 'map', snap: 'core.map', errors: 'route', settings: { fields: { n: 'n', result: branches + good } } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
        { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
      ],
      links: [
        ['read', 'map'],
        ['map', 'write'],
        ['map.error', 'bad'],
      ],
    };
    const file = path.join(folder, 'hostile.pipeline.json');
    writeFileSync(file, JSON.stringify(pipeline));
    const result = await runCommand(['run', file, '--output-directory', folder, '--json'], {
      environment: { SNAPS_DATA_DIR: path.join(folder, 'data') },
    });
    expect(result.code, result.stderr).toBe(0);
    expect((result.json() as { state: string }).state).toBe('completed');

    const out = lines('out.ndjson');
    const harmless = out.filter(({ n }) => Number(n) % 2 === 1);
    // A prototype is a name like any other: there is nothing behind it.
    expect(harmless.map(({ n }) => kinds[(Number(n) - 1) / 2])).toEqual(['a prototype']);
    expect(harmless[0]?.result).toEqual({});
    expect(out.filter(({ n }) => Number(n) % 2 === 0).map(({ result: told }) => told)).toEqual(
      kinds.map(() => 'no match'),
    );

    const bad = lines('bad.ndjson');
    expect(bad.map(({ original }) => (original as JsonObject).kind)).toEqual(
      kinds.filter((kind) => kind !== 'a prototype'),
    );
    for (const { code, reason, resolution } of bad) {
      expect(['SNAP_EXPRESSION_TIMEOUT', 'SNAP_EXPRESSION_FAILED']).toContain(code);
      expect(String(reason)).not.toBe('');
      expect(String(resolution)).not.toBe('');
    }
  }, 120_000);
});
