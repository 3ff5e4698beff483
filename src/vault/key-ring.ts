// Owns the keys of a running host: master keys from their source, data keys from the store, read again when one is unknown.
import { ConfigurationError } from '../errors.ts';
import type { KeyRow, SealedFields, Store } from '../store/contract.ts';
import type { KeySource } from './contract.ts';
import { readKeyFile, readOrMakeKeyFile } from './key-file.ts';
import { type MasterKey, makeDataKey, readMasterKey, unwrapDataKey, wrapDataKey } from './master-key.ts';
import { open, type SealKey, type SealPlace, seal, sealIsBroken } from './seal.ts';

/** The place of a value but for its field. */
export type SealRow = Omit<SealPlace, 'field'>;

/**
 * Seals and opens with the data keys of one store. The master key may be replaced while a host runs (a rotation): a data
 * key that is not known yet makes it read source and store once more.
 */
export class KeyRing {
  readonly #store: Store;
  readonly #source: KeySource;
  #masters: readonly MasterKey[];
  #active: SealKey | undefined;
  readonly #known = new Map<string, SealKey>();

  private constructor(store: Store, source: KeySource, masters: readonly MasterKey[]) {
    this.#store = store;
    this.#source = source;
    this.#masters = masters;
  }

  /** Checks the master key against the store before anything is written; an empty store gets its first data key. */
  static async open(store: Store, source: KeySource): Promise<KeyRing> {
    const rows = await store.keys.list();
    const canMake = rows.length === 0;
    const ring = new KeyRing(store, source, readMasters(source, canMake));
    if (canMake) {
      const dataKey = makeDataKey();
      await store.keys.addFirst(dataKey.id, { [ring.master.fingerprint]: wrapDataKey(dataKey, ring.master) });
    }
    await ring.reload();
    return ring;
  }

  /** The current master key. */
  get master(): MasterKey {
    const [master] = this.#masters;
    if (master === undefined) throw keyIsWrong([], []);
    return master;
  }

  get masters(): readonly MasterKey[] {
    return this.#masters;
  }

  /** Takes a further master key in, for a rotation whose keys are not in a file. */
  addMaster(master: MasterKey): void {
    this.#masters = [master, ...this.#masters.filter(({ fingerprint }) => fingerprint !== master.fingerprint)];
  }

  /** Reads the keys of the store anew. Throws SNAP_KEY_WRONG when the active one does not open. */
  async reload(): Promise<readonly KeyRow[]> {
    let rows = await this.#store.keys.list();
    if (!rows.every((row) => this.#masterFor(row) !== undefined)) {
      this.#rereadMasters();
      rows = await this.#store.keys.list();
    }
    for (const row of rows) {
      const master = this.#masterFor(row);
      const wrap = master === undefined ? undefined : row.wraps[master.fingerprint];
      if (master === undefined || wrap === undefined) throw keyIsWrong(Object.keys(row.wraps), this.#masters);
      const key = this.#known.get(row.id) ?? unwrapDataKey(row.id, wrap, master);
      this.#known.set(row.id, key);
      if (row.state === 'active') this.#active = key;
    }
    return rows;
  }

  /** Seals the fields of one row with the active key. */
  sealFields(fields: Readonly<Record<string, string>>, row: SealRow): SealedFields {
    const key = this.#active;
    if (key === undefined) throw keyIsWrong([], this.#masters);
    return {
      keyId: key.id,
      fields: Object.fromEntries(
        Object.entries(fields).map(([field, text]) => [field, seal(text, key, { ...row, field })]),
      ),
    };
  }

  /** Opens the fields of one row. Throws SNAP_SEAL_BROKEN and SNAP_KEY_WRONG. */
  async openFields(sealed: SealedFields, row: SealRow): Promise<Record<string, string>> {
    if (!this.#known.has(sealed.keyId)) await this.reload();
    const key = this.#known.get(sealed.keyId);
    if (key === undefined) throw sealIsBroken({ ...row, field: Object.keys(sealed.fields).join(', ') });
    return Object.fromEntries(
      Object.entries(sealed.fields).map(([field, text]) => [field, open(text, key, { ...row, field })]),
    );
  }

  #masterFor(row: KeyRow): MasterKey | undefined {
    return this.#masters.find(({ fingerprint }) => row.wraps[fingerprint] !== undefined);
  }

  #rereadMasters(): void {
    if (!('file' in this.#source)) return;
    this.#masters = readMasters(this.#source, false);
  }
}

function readMasters(source: KeySource, canMake: boolean): readonly MasterKey[] {
  if ('text' in source) return [readMasterKey(source.text, source.origin)];
  // A missing file beside sealed rows is a lost key; making a new one would hide that.
  const lines = canMake && source.isMadeWhenMissing ? readOrMakeKeyFile(source.file) : readKeyFile(source.file);
  return lines.map((line) => readMasterKey(line, source.file));
}

function keyIsWrong(wanted: readonly string[], masters: readonly MasterKey[]): ConfigurationError {
  const has = masters.map(({ fingerprint }) => fingerprint).join(', ');
  return new ConfigurationError('SNAP_KEY_WRONG', 'The store stays closed; nothing in it was changed.', {
    reason: `it was sealed by the key with fingerprint ${wanted.join(' or ')}; the key given has ${has}`,
    resolution: 'set SNAPS_KEY_FILE or SNAPS_KEY to the key that sealed this store',
  });
}

const sealAttemptsMax = 5;

/** Seals and writes; when a rotation retired the key in between, reads the keys anew and repeats. */
export async function writeSealed<T extends string>(
  ring: KeyRing,
  attempt: () => Promise<T | 'key-retired'>,
): Promise<Exclude<T, 'key-retired'>> {
  for (let count = 0; count < sealAttemptsMax; count += 1) {
    const outcome = await attempt();
    if (outcome !== 'key-retired') return outcome as Exclude<T, 'key-retired'>;
    await ring.reload();
  }
  throw new ConfigurationError('SNAP_KEY_WRONG', 'A value could not be sealed.', {
    reason: `the sealing key was replaced ${sealAttemptsMax} times while it was written`,
    resolution: 'wait for the key rotation to end, then repeat',
  });
}
