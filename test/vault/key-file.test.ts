import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKeyFile, readOrMakeKeyFile, replaceKeyFile } from '../../src/vault/key-file.ts';
import { makeMasterKeyText, readMasterKey } from '../../src/vault/master-key.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'snaps-key-'));
  path = join(directory, 'deep', 'key');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the key file', () => {
  it('is made once, for its owner alone, and read from then on', () => {
    const made = readOrMakeKeyFile(path);
    expect(made).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readOrMakeKeyFile(path)).toEqual(made);
    expect(readdirSync(join(directory, 'deep'))).toEqual(['key']);
  });

  it('is one key for twenty processes that start at once, even when most are killed', async () => {
    const script = fileURLToPath(new URL('./fixtures/key-maker.ts', import.meta.url));
    const children = Array.from({ length: 20 }, () =>
      spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const printed = await Promise.all(
      children.map(async (child, index) => {
        let text = '';
        child.stdout.on('data', (chunk) => {
          text += chunk;
          if (index % 2 === 0) child.kill('SIGKILL');
        });
        await once(child, 'close');
        return text.trim();
      }),
    );
    expect(new Set(printed.filter((text) => text !== ''))).toEqual(new Set(readKeyFile(path)));
  });

  it('holds two keys during a rotation, the new one first', () => {
    readOrMakeKeyFile(path);
    const keys = [makeMasterKeyText(), makeMasterKeyText()];
    replaceKeyFile(path, keys);
    expect(readKeyFile(path)).toEqual(keys);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([0o640, 0o604, 0o660, 0o666, 0o700 | 0o007])('is refused with mode %o', (mode) => {
    readOrMakeKeyFile(path);
    chmodSync(path, mode);
    expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ code: 'SNAP_KEY_UNSAFE' }));
  });

  it('is refused as a symbolic link and as a folder', () => {
    readOrMakeKeyFile(path);
    renameSync(path, `${path}.real`);
    symlinkSync(`${path}.real`, path);
    expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ reason: 'it is a symbolic link' }));
    expect(() => readKeyFile(directory)).toThrow(expect.objectContaining({ code: 'SNAP_KEY_UNSAFE' }));
  });

  it('is refused when it belongs to somebody else', () => {
    readOrMakeKeyFile(path);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(path, 65_534, 65_534);
    expect(() => readKeyFile(isRoot ? path : '/etc/passwd')).toThrow(
      expect.objectContaining({ code: 'SNAP_KEY_UNSAFE', reason: expect.stringContaining('belongs to user') }),
    );
  });

  it('is named when it is missing or holds no key, without its content', () => {
    expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ code: 'SNAP_KEY_MISSING' }));
    const [text = ''] = readOrMakeKeyFile(path);
    writeFileSync(path, `${text}${text}`);
    const read = (): unknown => readMasterKey(readFileSync(path, 'utf8'), path);
    expect(read).toThrow(
      expect.objectContaining({ code: 'SNAP_KEY_MISSING', reason: expect.not.stringContaining(text) }),
    );
  });
});
