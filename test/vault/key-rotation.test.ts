import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import type { KeySource, Vault } from '../../src/vault/contract.ts';
import { makeMasterKeyText } from '../../src/vault/master-key.ts';
import { openVault } from '../../src/vault/vault.ts';
import { answer, clientAccount, policy } from './support.ts';

const script = fileURLToPath(new URL('./fixtures/rotator.ts', import.meta.url));
const names = ['first', 'second', 'third'];

let directory: string;
let store: Store;
/** How far the clock of this process's store is ahead. */
let aheadMs: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'snaps-rotation-'));
  aheadMs = 0;
  store = await openStore(storeUrl(), { now: () => Date.now() + aheadMs });
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const storeUrl = (): string => `sqlite:${join(directory, 'store.db')}`;
const keyFile = (): string => join(directory, 'key');
const keyText = (): string => readFileSync(keyFile(), 'utf8').trim();

const open = (key: KeySource = { file: keyFile(), isMadeWhenMissing: true }): Promise<Vault> =>
  openVault({ store, key, policyOf: () => policy, requestTokens: async () => answer() });

async function fill(vault: Vault): Promise<void> {
  for (const name of names) {
    await vault.accounts.add({ ...clientAccount, name });
    await vault.tokenSource(name)();
  }
}

function query(statement: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(join(directory, 'store.db'));
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

const bytesOnDisk = (): string =>
  readdirSync(directory)
    .filter((file) => file !== 'key')
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .join('');

describe('rotating the keys', () => {
  it('leaves nothing that the old key opens, and everything that the new one does', async () => {
    const vault = await open();
    await fill(vault);
    const oldText = keyText();
    const oldWraps = query('select wrap from key_wraps').map(({ wrap }) => String(wrap));
    expect(bytesOnDisk()).toContain(oldWraps[0]);
    const rotation = await vault.keys.rotate();
    expect(rotation).toMatchObject({ resealed: 6, isContinued: false });
    expect(rotation.toFingerprint).not.toBe(rotation.fromFingerprint);
    expect(keyText()).not.toContain(oldText);
    for (const wrap of oldWraps) expect(bytesOnDisk()).not.toContain(wrap);
    await expect(open({ text: oldText, origin: 'SNAPS_KEY' })).rejects.toMatchObject({ code: 'SNAP_KEY_WRONG' });
    expect(await (await open()).keys.verify()).toMatchObject({ opened: 6, broken: [], keys: [{ state: 'active' }] });
    expect((await vault.keys.verify()).broken).toEqual([]);
  });

  it('needs the new key handed in when the key is not in a file', async () => {
    const text = makeMasterKeyText();
    const vault = await open({ text, origin: 'SNAPS_KEY' });
    await fill(vault);
    await expect(vault.keys.rotate()).rejects.toMatchObject({ code: 'SNAP_KEY_MISSING' });
    await expect(vault.keys.rotate(text)).rejects.toMatchObject({ code: 'SNAP_USAGE' });
    const next = makeMasterKeyText();
    await vault.keys.rotate(next);
    await expect(open({ text, origin: 'SNAPS_KEY' })).rejects.toMatchObject({ code: 'SNAP_KEY_WRONG' });
    expect(await (await open({ text: next, origin: 'SNAPS_KEY' })).keys.verify()).toMatchObject({
      opened: 6,
      broken: [],
    });
  });

  it('fails no run and loses nothing, wherever it is killed', async () => {
    const running = await open();
    await fill(running);
    const load = startLoad(running);
    let killed = 0;
    for (let point = 1; ; point += 1) {
      const oldText = keyText();
      const child = spawn(process.execPath, [script, storeUrl(), keyFile(), String(point)], { stdio: 'inherit' });
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      expect((await (await open()).keys.verify()).broken).toEqual([]);
      if (signal === null) break;
      killed += 1;
      // A minute passes: the lease of the killed rotation ends.
      aheadMs += 60_000;
      await (await open()).keys.rotate();
      await expect(open({ text: oldText, origin: 'SNAPS_KEY' })).rejects.toMatchObject({ code: 'SNAP_KEY_WRONG' });
      expect(query('select * from data_keys')).toHaveLength(1);
    }
    // A rotation makes twenty calls of the store; one more for each row that the load changes under it.
    expect(killed).toBeGreaterThanOrEqual(20);
    const { tokens, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(tokens).toBeGreaterThan(killed);
  }, 120_000);
});

describe('a wrong key', () => {
  it('is told before anything is written', async () => {
    await fill(await open());
    await store.close();
    const digest = (): string =>
      createHash('sha256')
        .update(readFileSync(join(directory, 'store.db')))
        .digest('hex');
    const before = digest();
    store = await openStore(storeUrl());
    await expect(open({ text: makeMasterKeyText(), origin: 'SNAPS_KEY' })).rejects.toMatchObject({
      code: 'SNAP_KEY_WRONG',
      exitCode: 2,
      message: 'The store stays closed; nothing in it was changed.',
    });
    await store.close();
    expect(digest()).toBe(before);
    store = await openStore(storeUrl());
    expect((await (await open()).keys.verify()).broken).toEqual([]);
  });

  it('is not papered over by a new one when the key file is lost', async () => {
    await fill(await open());
    rmSync(keyFile());
    await expect(open()).rejects.toMatchObject({ code: 'SNAP_KEY_MISSING' });
    expect(readdirSync(directory)).not.toContain('key');
  });
});

/** Ten runs that ask for tokens over and over until they are stopped; the first of each account stores new ones too. */
function startLoad(vault: Vault): { stop(): Promise<{ tokens: number; failures: unknown[] }> } {
  const failures: unknown[] = [];
  let tokens = 0;
  let isStopped = false;
  const run = async (name: string, isWriting: boolean): Promise<void> => {
    const source = vault.tokenSource(name);
    while (!isStopped) {
      try {
        if (isWriting) await vault.authorizations.accept(name, answer({ accessToken: `access-${tokens}` }));
        await source();
        tokens += 1;
      } catch (error) {
        failures.push(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const runs = Array.from({ length: 10 }, (_, index) => run(names[index % names.length] ?? '', index < names.length));
  return {
    stop: async () => {
      isStopped = true;
      await Promise.all(runs);
      return { tokens, failures };
    },
  };
}
