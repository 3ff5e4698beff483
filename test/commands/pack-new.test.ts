import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'pack-new-'));
const pack = path.join(folder, 'acme-erp');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('snaps pack new', () => {
  it('writes a pack that is sound, with an example that is', async () => {
    expect((await runCommand(['pack', 'new', pack])).code).toBe(0);
    const check = await runCommand(['pack', 'check', pack, '--json']);
    expect(check.json()).toMatchObject({ name: 'acme-erp', snaps: 1, resources: 1 });
    const example = path.join(pack, 'example.pipeline.json');
    const pipeline = await runCommand(['pipeline', 'check', example, '--pack', pack, '--json']);
    expect(pipeline.json()).toMatchObject({ pipeline: 'acme-erp-example', faults: [] });
  });

  it('never writes into a folder that is there, nor takes a name that no pack can have', async () => {
    const before = readFileSync(path.join(pack, 'manifest.json'), 'utf8');
    for (const name of [pack, path.join(folder, 'Not A Name'), path.join(folder, 'none', 'deeper')]) {
      const refused = await runCommand(['pack', 'new', name, '--json']);
      expect(refused.code).toBe(2);
      expect(refused.json()).toMatchObject({ error: { code: 'SNAP_USAGE' } });
    }
    expect(readFileSync(path.join(pack, 'manifest.json'), 'utf8')).toBe(before);
  });
});
