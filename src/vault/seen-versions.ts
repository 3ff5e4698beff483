// Owns what this machine remembers beside the store: the last token set of each account. It holds numbers, never a secret.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Tells a store that was put back from a backup: this machine has seen a later token set than it holds. */
export interface SeenVersions {
  /** The version last noted; 0 when there is none. */
  read(accountId: string): Promise<number>;
  note(accountId: string, version: number): Promise<void>;
  forget(accountId: string): Promise<void>;
}

/**
 * Remembers in one small file an account. Best effort: a folder that cannot be written only means that a restored store is
 * not noticed, so nothing is thrown.
 */
export function seenVersionsIn(folder: string): SeenVersions {
  const fileOf = (accountId: string): string => path.join(folder, path.basename(accountId));
  return {
    read: async (accountId) => {
      const text = await readFile(fileOf(accountId), 'utf8').catch(() => '');
      return /^\d{1,15}$/u.test(text) ? Number(text) : 0;
    },
    note: async (accountId, version) => {
      const file = fileOf(accountId);
      const temporary = `${file}.${process.pid}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(temporary, String(version), { mode: 0o600 });
        await rename(temporary, file);
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
    forget: async (accountId) => {
      await rm(fileOf(accountId), { force: true }).catch(() => undefined);
    },
  };
}
