import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { runCommand } from '../support/command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the log of a command', () => {
  it('names run, pipeline, snap and operation of what a run met, one JSON object a line', async () => {
    writeFileSync(path.join(folder, 'in.ndjson'), '{"amount":"1"}\n{"amount":"much"}\n');
    const file = path.join(folder, 'lines.pipeline.json');
    const snaps = [
      { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields: { amount: '$number(amount)' } } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
    ];
    const links = [
      ['read', 'shape'],
      ['shape', 'write'],
    ];
    writeFileSync(file, JSON.stringify({ name: 'lines', snaps, links }));
    const run = await runCommand(['run', file, '--json'], {
      directory: folder,
      environment: { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_LOG_LEVEL: 'info' },
    });
    const { runId } = run.json() as { runId: string };
    const lines = run.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    const of = { runId, pipeline: 'lines' };
    expect(lines).toMatchObject([
      { ...of, event: 'document', snap: 'shape', operation: 'core.map', code: 'SNAP_EXPRESSION_FAILED' },
      { ...of, state: 'completed', msg: 'the run ended' },
    ]);
  });
});
