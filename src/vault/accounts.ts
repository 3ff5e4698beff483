// Owns accounts: sealed on the way in, shown without secrets, removed without a trace.
import { randomUUID } from 'node:crypto';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import type { AccountRow, WriteOutcome } from '../store/contract.ts';
import { toAccountView } from './account-view.ts';
import type { AccountInput, Accounts, AccountView, OpenAccount, RevokeTokens } from './contract.ts';
import { writeSealed } from './key-ring.ts';
import type { Renewal, RenewalOptions } from './renewal.ts';
import { accountSealRow, openAccount, openTokens } from './sealed-rows.ts';
import { accountNotFound } from './token-source.ts';
import { neverAuthorized } from './verdict.ts';

/** What stands for a secret in a form; it is never stored. */
export const secretMask = '********';

type Secrets = Readonly<Record<string, string>>;

export class AccountKeeper implements Accounts {
  readonly #options: RenewalOptions;
  readonly #renewal: Renewal;
  readonly #revokeTokens: RevokeTokens | undefined;

  constructor(options: RenewalOptions, renewal: Renewal, revokeTokens: RevokeTokens | undefined) {
    this.#options = options;
    this.#renewal = renewal;
    this.#revokeTokens = revokeTokens;
  }

  async add(input: AccountInput): Promise<AccountView> {
    const { store, ring, policyOf } = this.#options;
    const secrets = this.#keepEntered(input.type, input.settings, input.secrets);
    policyOf(input.type);
    const id = randomUUID();
    const outcome = await writeSealed(ring, () => {
      const sealed = hasAny(secrets) ? ring.sealFields(secrets, accountSealRow(id, 1)) : undefined;
      return store.accounts.insert({
        id,
        name: input.name,
        type: input.type,
        settings: input.settings,
        secrets: sealed,
      });
    });
    if (outcome === 'exists') {
      throw new ConfigurationError('SNAP_ACCOUNT_EXISTS', `Account "${input.name}" was not added.`, {
        reason: 'an account of that name exists already',
        resolution: `choose another name, or change it with "snaps account update ${input.name}"`,
      });
    }
    return this.show(input.name);
  }

  async update(name: string, input: Pick<AccountInput, 'settings' | 'secrets'>): Promise<AccountView> {
    const { store, ring, policyOf } = this.#options;
    const row = await this.#find(name);
    const entered = this.#keepEntered(row.type, input.settings, input.secrets);
    const { binding } = policyOf(row.type);
    const clearsTokens = binding(row.settings) !== binding(input.settings);
    // Secrets were meant for the place the account pointed at; at another place they would be given away.
    const kept = clearsTokens ? {} : (await openAccount(ring, row)).secrets;
    const secrets = { ...kept, ...entered };
    const outcome = await writeSealed<WriteOutcome>(ring, () =>
      store.accounts.change(row.id, row.revision, {
        settings: input.settings,
        secrets: hasAny(secrets) ? ring.sealFields(secrets, accountSealRow(row.id, row.secretsVersion + 1)) : undefined,
        clearsTokens,
      }),
    );
    if (outcome === 'stale') {
      throw new ExecutionError('SNAP_STORE_UNAVAILABLE', `Account "${name}" was not changed.`, {
        reason: 'somebody else changed it at the same moment',
        resolution: 'look at it again and repeat the change',
        retryable: true,
      });
    }
    return this.show(name);
  }

  async list(): Promise<readonly AccountView[]> {
    const rows = await this.#options.store.accounts.list();
    const views = await Promise.all(rows.map((row) => this.#view(row.id)));
    return views.filter((view) => view !== undefined);
  }

  async show(name: string): Promise<AccountView> {
    const row = await this.#find(name);
    const view = await this.#view(row.id);
    if (view === undefined) throw accountNotFound(name);
    return view;
  }

  async open(name: string): Promise<OpenAccount> {
    return openAccount(this.#options.ring, await this.#find(name));
  }

  async authorize(name: string): Promise<AccountView> {
    const row = await this.#find(name);
    if (!this.#options.policyOf(row.type).standsAlone(row.settings)) throw neverAuthorized(name);
    await this.#renewal.renew(row.id, { answersRejection: false, isForced: true });
    return this.show(name);
  }

  async remove(name: string): Promise<{ readonly isRevoked: boolean }> {
    const row = await this.#find(name);
    const isRevoked = await this.#revoke(row);
    await this.#options.store.accounts.remove(row.id);
    await this.#options.seen?.forget(row.id);
    await this.#options.store.scrub();
    return { isRevoked };
  }

  /** An account whose sealed values do not open any more must still be removable, and so must one whose server is gone. */
  async #revoke(row: AccountRow): Promise<boolean> {
    const { store, ring } = this.#options;
    if (this.#revokeTokens === undefined) return false;
    const view = await store.tokenSets.read(row.id);
    if (view?.set === undefined) return false;
    try {
      const { access, refresh } = await openTokens(ring, view);
      await this.#revokeTokens(await openAccount(ring, row), { accessToken: access, refreshToken: refresh });
      return true;
    } catch {
      return false;
    }
  }

  async #find(name: string): Promise<AccountRow> {
    const row = await this.#options.store.accounts.findByName(name);
    if (row === undefined) throw accountNotFound(name);
    return row;
  }

  async #view(id: string): Promise<AccountView | undefined> {
    const view = await this.#options.store.tokenSets.read(id);
    if (view === undefined) return undefined;
    return toAccountView(view, this.#options.policyOf);
  }

  /** Drops what was left empty or masked, and refuses a secret that would be stored in the open or that nobody declared. */
  #keepEntered(type: string, settings: AccountInput['settings'], secrets: Secrets): Secrets {
    const { secretFields } = this.#options.policyOf(type);
    const faults = [
      ...Object.keys(secrets)
        .filter((field) => !secretFields.includes(field))
        .map((field) => ({ pointer: `/${field}`, message: `"${field}" is not a secret of account type ${type}` })),
      ...secretFields
        .filter((field) => settings[field] !== undefined)
        .map((field) => ({ pointer: `/${field}`, message: `"${field}" is a secret and must be given as one` })),
    ];
    if (faults.length > 0) {
      throw new ConfigurationError('SNAP_ACCOUNT_INVALID', 'The account was not stored.', {
        reason: faults.map(({ message }) => message).join('; '),
        resolution: `secrets of this account type: ${secretFields.join(', ') || 'none'}`,
        faults,
      });
    }
    return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '' && value !== secretMask));
  }
}

const hasAny = (secrets: Secrets): boolean => Object.keys(secrets).length > 0;
