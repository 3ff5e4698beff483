// Owns replacing the keys: both open until everything is sealed anew, then the old one opens nothing. May be cut short anywhere and repeated.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import type { Lease, Store } from '../store/contract.ts';
import type { KeyRotation, KeySource } from './contract.ts';
import { readKeyFile, replaceKeyFile } from './key-file.ts';
import { type KeyRing, writeSealed } from './key-ring.ts';
import { type MasterKey, makeDataKey, makeMasterKeyText, readMasterKey, wrapDataKey } from './master-key.ts';
import { accountSealRow, openAccount, openTokens, tokenSetSealRow } from './sealed-rows.ts';

const leaseName = 'key-rotation';
const leaseTtlMs = 60_000;
const batchSize = 100;
/** Every batch seals something anew, so this many mean that writers keep using the retired key. */
const batchesMax = 100_000;
const retireAttemptsMax = 50;

interface MasterPair {
  readonly from: MasterKey;
  readonly to: MasterKey;
  readonly isContinued: boolean;
  /** Makes the new key the only one where the keys are kept. */
  finish(): void;
}

/**
 * Steps, each safe to repeat: 1. the new master key stands beside the old one in the key file; 2. a new data key, wrapped
 * by both, becomes the active one; 3. every row of the old data key is sealed anew, compare-and-set, while others write;
 * 4. the old data key is deleted; 5. the old master key's wrap is deleted; 6. what was deleted is overwritten; 7. the old
 * master key leaves the key file.
 */
export async function rotateKeys(
  store: Store,
  ring: KeyRing,
  source: KeySource,
  newKeyText: string | undefined,
): Promise<KeyRotation> {
  const lease = await store.leases.acquire(leaseName, randomUUID(), leaseTtlMs);
  if (lease === undefined) {
    throw new ExecutionError('SNAP_LEASE_LOST', 'The key was not rotated.', {
      reason: 'another process is rotating it, or did so until a minute ago',
      resolution: 'wait a minute and repeat; a rotation that was cut short goes on where it was',
      retryable: true,
    });
  }
  try {
    const { from, to, isContinued, finish } = prepareMasters(ring, source, newKeyText);
    ring.addMaster(to);
    await succeedDataKey(store, ring, from, to);
    const resealed = await resealAll(store, ring, lease);
    for (const { id } of await ring.reload()) await store.keys.dropWrap(id, from.fingerprint);
    await store.scrub();
    finish();
    return { fromFingerprint: from.fingerprint, toFingerprint: to.fingerprint, resealed, isContinued };
  } finally {
    await store.leases.release(lease);
  }
}

function prepareMasters(ring: KeyRing, source: KeySource, newKeyText: string | undefined): MasterPair {
  if ('text' in source) {
    if (newKeyText === undefined) {
      throw new ConfigurationError('SNAP_KEY_MISSING', 'The key was not rotated.', {
        reason: `the key comes from ${source.origin}, where this command cannot put a new one`,
        resolution:
          'make a key with "openssl rand -base64 32", hand it to this command, and set it for every host afterwards',
      });
    }
    const to = readMasterKey(newKeyText, 'the new key');
    const from = readMasterKey(source.text, source.origin);
    if (from.fingerprint === to.fingerprint) throw sameKey();
    return { from, to, isContinued: false, finish: () => undefined };
  }
  const lines = readKeyFile(source.file);
  const [newest = ''] = lines;
  const isContinued = lines.length > 1;
  const newText = isContinued ? newest : (newKeyText ?? makeMasterKeyText());
  const oldText = isContinued ? (lines[1] ?? '') : newest;
  const to = readMasterKey(newText, isContinued ? source.file : 'the new key');
  const from = readMasterKey(oldText, source.file);
  if (from.fingerprint === to.fingerprint) throw sameKey();
  if (!isContinued) replaceKeyFile(source.file, [newText, oldText]);
  ring.addMaster(from);
  return { from, to, isContinued, finish: () => replaceKeyFile(source.file, [newText]) };
}

async function succeedDataKey(store: Store, ring: KeyRing, from: MasterKey, to: MasterKey): Promise<void> {
  const rows = await ring.reload();
  const active = rows.find(({ state }) => state === 'active');
  const isDone = active?.wraps[to.fingerprint] !== undefined;
  if (active === undefined || isDone) return;
  const dataKey = makeDataKey();
  await store.keys.succeed(active.id, dataKey.id, {
    [to.fingerprint]: wrapDataKey(dataKey, to),
    [from.fingerprint]: wrapDataKey(dataKey, from),
  });
  await ring.reload();
}

async function resealAll(store: Store, ring: KeyRing, lease: Lease): Promise<number> {
  let resealed = 0;
  const rows = await ring.reload();
  for (const { id: keyId } of rows.filter(({ state }) => state === 'retiring')) {
    for (let batch = 0; batch < batchesMax; batch += 1) {
      const accountIds = await store.accounts.sealedWith(keyId, batchSize);
      if (accountIds.length === 0) break;
      if (!(await store.leases.extend(lease, leaseTtlMs))) throw rotationLost();
      for (const accountId of accountIds) resealed += await resealAccount(store, ring, accountId, keyId);
    }
    await retire(store, keyId);
  }
  return resealed;
}

/** A row that somebody wrote meanwhile is sealed with the new key already. */
async function resealAccount(store: Store, ring: KeyRing, accountId: string, keyId: string): Promise<number> {
  const view = await store.tokenSets.read(accountId);
  if (view === undefined) return 0;
  const { account, set } = view;
  let resealed = 0;
  if (account.secrets?.keyId === keyId) {
    const { secrets } = await openAccount(ring, account);
    const row = accountSealRow(account.id, account.secretsVersion);
    const outcome = await writeSealed(ring, () =>
      store.accounts.reseal(account.id, account.secretsVersion, keyId, ring.sealFields(secrets, row)),
    );
    resealed += outcome === 'done' ? 1 : 0;
  }
  if (set?.sealed.keyId === keyId) {
    const { access, refresh } = await openTokens(ring, view);
    const fields = { access, ...(refresh === undefined ? {} : { refresh }) };
    const outcome = await writeSealed(ring, () =>
      store.tokenSets.reseal(
        account.id,
        set.version,
        keyId,
        ring.sealFields(fields, tokenSetSealRow(account.id, set.version)),
      ),
    );
    resealed += outcome === 'done' ? 1 : 0;
  }
  return resealed;
}

async function retire(store: Store, keyId: string): Promise<void> {
  for (let attempt = 0; attempt < retireAttemptsMax; attempt += 1) {
    await store.authorizations.dropSealedWith(keyId);
    if (await store.keys.retire(keyId)) return;
    await delay(20);
  }
  throw rotationLost();
}

const sameKey = (): ConfigurationError =>
  new ConfigurationError('SNAP_USAGE', 'The key was not rotated.', {
    reason: 'the new key is the old one',
    resolution: 'make a new key with "openssl rand -base64 32"',
  });

const rotationLost = (): ExecutionError =>
  new ExecutionError('SNAP_LEASE_LOST', 'The rotation stopped half-way; everything still opens.', {
    reason: 'another process took it over, or rows kept being sealed with the old key',
    resolution: 'repeat "snaps key rotate"; it goes on where it was',
    retryable: true,
  });
