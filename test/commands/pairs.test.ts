import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPairs, readSecrets } from '../../src/commands/pairs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-pairs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('readPairs', () => {
  it('splits at the first equals sign', () => {
    expect(readPairs('set', ['host=acme', 'scopes=a=b c'])).toEqual({ host: 'acme', scopes: 'a=b c' });
  });

  it('keeps a name like __proto__ as data', () => {
    const pairs = readPairs('set', ['__proto__=x']);
    expect(Object.keys(pairs)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('refuses a pair without a name, without an equals sign, or twice, and does not repeat the value', () => {
    for (const pairs of [['hidden'], ['=hidden'], ['a=hidden', 'a=hidden']]) {
      try {
        readPairs('set', pairs);
        expect.unreachable();
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'SNAP_USAGE' });
        expect(JSON.stringify(thrown)).not.toContain('hidden');
      }
    }
  });
});

describe('readSecrets', () => {
  it('reads a variable, and a file without its last line end', async () => {
    const file = path.join(folder, 'secret');
    writeFileSync(file, 's3cret\n');
    expect(await readSecrets(['a=env:NAME', `b=file:${file}`], { NAME: 'value' })).toEqual({ a: 'value', b: 's3cret' });
  });

  it('says which place is empty', async () => {
    await expect(readSecrets(['a=env:NAME'], {})).rejects.toMatchObject({
      code: 'SNAP_USAGE',
      reason: 'the variable NAME is not set or is empty',
    });
    await expect(readSecrets(['a=file:/nowhere/at/all'], {})).rejects.toMatchObject({
      reason: 'the file /nowhere/at/all cannot be read or is empty',
    });
  });

  it('refuses a secret that stands on the command line and does not repeat it', async () => {
    await expect(readSecrets(['clientSecret=hunter2'], {})).rejects.toSatisfy(
      (thrown: Error) => !JSON.stringify(thrown).includes('hunter2') && !String(thrown.stack).includes('hunter2'),
    );
  });

  it('reads standard input for one secret only', async () => {
    await expect(readSecrets(['a=-', 'b=-'], {})).rejects.toMatchObject({ code: 'SNAP_USAGE' });
  });
});
