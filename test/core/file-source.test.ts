import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileSource } from '../../src/core/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-source-'));
  mkdirSync(path.join(folder, 'below'));
  writeFileSync(path.join(folder, 'below', 'a.bin'), Buffer.alloc(700_000, 'a'));
  symlinkSync('/etc/hostname', path.join(folder, 'link'));
  symlinkSync('/etc', path.join(folder, 'etc'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = () => createFileSource({ outputDirectory: folder, allowPaths: false });

describe('a file that is sent', () => {
  it('is measured in one reading, and given in pieces', async () => {
    const sha256 = createHash('sha256').update(Buffer.alloc(700_000, 'a')).digest('hex');
    expect(await source().measure('below/a.bin', 700_000)).toEqual({ bytes: 700_000, sha256 });
    const pieces: number[] = [];
    for await (const { length } of source().read('below/a.bin')) pieces.push(length);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(700_000);
  });

  it.each([
    ['one byte too long', 'below/a.bin', 'SNAP_LIMIT_REACHED'],
    ['absent', 'below/b.bin', 'SNAP_FILE_FAILED'],
    ['a folder', 'below', 'SNAP_FILE_FAILED'],
    ['a link', 'link', 'SNAP_FILE_FAILED'],
    ['behind a link that leads out', 'etc/hostname', 'SNAP_FILE_OUTSIDE'],
    ['above the output directory', '../x', 'SNAP_FILE_OUTSIDE'],
    ['absolute', '/etc/hostname', 'SNAP_FILE_OUTSIDE'],
    ['named with a NUL', 'below/a.bin\0.pdf', 'SNAP_FILE_OUTSIDE'],
  ])('is refused when it is %s', async (_what, name, code) => {
    await expect(source().measure(name, 699_999)).rejects.toMatchObject({ code });
  });
});
