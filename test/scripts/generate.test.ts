import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDifferences, generateAll, writeDifferences } from '../../scripts/generate.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const generated = ['schemas', 'src/generated', 'docs/coupa-data-rules.md', 'docs/reference/manifest.md'];

describe('generate', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'generate-'));
    for (const path of generated) await cp(join(root, path), join(folder, path), { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds every checked-in file as it would be generated', async () => {
    expect(await findDifferences(await generateAll())).toEqual([]);
  });

  it('names a changed, a missing and a left-over file, and mends all three', async () => {
    const files = await generateAll(folder);
    await writeFile(join(folder, 'schemas/coupa/resources.json'), '[]\n');
    await unlink(join(folder, 'src/generated/coupa/invoice.ts'));
    await writeFile(join(folder, 'schemas/coupa/objects/ghost.schema.json'), '{}\n');
    const found = [
      'schemas/coupa/objects/ghost.schema.json',
      'schemas/coupa/resources.json',
      'src/generated/coupa/invoice.ts',
    ];
    expect(await findDifferences(files, folder)).toEqual(found);
    expect(await writeDifferences(files, folder)).toEqual(found);
    expect(await findDifferences(files, folder)).toEqual([]);
  });

  it('ends with 0 under --check when nothing differs, else with 1 and the name of each file', async () => {
    for (const path of ['scripts', 'src', 'packs', 'manifest.json', 'package.json', 'docs/reference']) {
      await cp(join(root, path), join(folder, path), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const check = () => run(process.execPath, ['scripts/generate.ts', '--check'], { cwd: folder });
    expect((await check()).stdout).toBe('');

    await writeFile(join(folder, 'schemas/coupa/scopes.json'), '{}\n');
    const failure = {
      code: 1,
      stdout: 'differs  schemas/coupa/scopes.json\n',
      stderr: expect.stringContaining('npm run generate'),
    };
    await expect(check()).rejects.toMatchObject(failure);
    expect(await readFile(join(folder, 'schemas/coupa/scopes.json'), 'utf8')).toBe('{}\n');
  }, 120_000);
});
