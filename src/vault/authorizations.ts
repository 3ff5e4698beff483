// Owns authorizations by a person: a pending one is used once, by the browser that began it, within ten minutes.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ConfigurationError, SnapError } from '../errors.ts';
import type { TokenAnswer } from '../oauth/contract.ts';
import type { AuthorizationRow } from '../store/contract.ts';
import type { AccountKeeper } from './accounts.ts';
import type { AccountView, Authorizations, BegunAuthorization, OpenAccount } from './contract.ts';
import { readGrantFailure } from './grant-failure.ts';
import { type KeyRing, writeSealed } from './key-ring.ts';
import type { Renewal, RenewalOptions } from './renewal.ts';
import { authorizationSealRow, openAccount } from './sealed-rows.ts';
import { accountNotFound } from './token-source.ts';
import { describeFailure, judgeFailure, verdictError } from './verdict.ts';

const lifetimeMs = 600_000;
const randomValueBytes = 32;
const stateLengthMax = 200;
const commitAttemptsMax = 5;

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
const randomValue = (): string => randomBytes(randomValueBytes).toString('base64url');

export class AuthorizationKeeper implements Authorizations {
  readonly #options: RenewalOptions;
  readonly #renewal: Renewal;
  readonly #accounts: AccountKeeper;

  constructor(options: RenewalOptions, renewal: Renewal, accounts: AccountKeeper) {
    this.#options = options;
    this.#renewal = renewal;
    this.#accounts = accounts;
  }

  async begin(
    accountName: string,
    options: { readonly redirectUri: string; readonly codeVerifier?: string; readonly bindsBrowser: boolean },
  ): Promise<BegunAuthorization> {
    const { store, ring } = this.#options;
    const account = await store.accounts.findByName(accountName);
    if (account === undefined) throw accountNotFound(accountName);
    const state = randomValue();
    const nonce = options.bindsBrowser ? randomValue() : undefined;
    const stateHash = hash(state);
    const fields = options.codeVerifier === undefined ? {} : { verifier: options.codeVerifier };
    await writeSealed(ring, () =>
      store.authorizations.add(
        {
          stateHash,
          accountId: account.id,
          revision: account.revision,
          redirectUri: options.redirectUri,
          nonceHash: nonce === undefined ? undefined : hash(nonce),
          sealed: ring.sealFields(fields, authorizationSealRow(account.id, stateHash)),
        },
        lifetimeMs,
      ),
    );
    return { state, nonce, expiresInMs: lifetimeMs };
  }

  async complete(callback: { readonly parameters: URLSearchParams; readonly nonce?: string }): Promise<AccountView> {
    const { parameters, nonce } = callback;
    const states = parameters.getAll('state');
    const [state = ''] = states;
    const isPlausible = states.length === 1 && state !== '' && state.length <= stateLengthMax;
    const pending = isPlausible ? await this.#options.store.authorizations.take(hash(state)) : undefined;
    if (pending === undefined) throw refused('the state is missing, unknown, already used or older than ten minutes');
    if (pending.nonceHash !== undefined && !isSame(pending.nonceHash, hash(nonce ?? ''))) {
      throw refused('it was begun in another browser');
    }
    const row = await this.#options.store.accounts.findById(pending.accountId);
    if (row === undefined || row.revision !== pending.revision) {
      throw refused('the account was changed or removed since it was begun');
    }
    const account = await openAccount(this.#options.ring, row);
    const { sendsIssuer } = row;
    const answer = await this.#exchange(account, pending, { parameters, state, expectsIssuer: sendsIssuer });
    // A server that named itself once does so always: from here on a callback without a name is somebody else's.
    if (parameters.has('iss') && !sendsIssuer) await this.#options.store.accounts.noteIssuer(row.id, row.revision);
    return this.accept(account.name, answer);
  }

  async accept(accountName: string, answer: TokenAnswer): Promise<AccountView> {
    const { store } = this.#options;
    if (answer.accessToken === undefined) throw refused('the authorization server gave no usable access token');
    // A renewal may replace the old set at the same moment; what a person just granted follows whatever is current.
    for (let attempt = 0; attempt < commitAttemptsMax; attempt += 1) {
      const account = await store.accounts.findByName(accountName);
      const view = account === undefined ? undefined : await store.tokenSets.read(account.id);
      if (view === undefined) throw accountNotFound(accountName);
      // The grant before is no part of this one: its refresh token and scopes are not carried over.
      const outcome = await this.#renewal.commit({ ...view, set: undefined }, answer, false);
      if (outcome === 'done') return this.#accounts.show(accountName);
    }
    throw refused('the account kept changing while the tokens were stored');
  }

  async #exchange(
    account: OpenAccount,
    pending: AuthorizationRow,
    callback: { readonly parameters: URLSearchParams; readonly state: string; readonly expectsIssuer: boolean },
  ): Promise<TokenAnswer> {
    const { requestTokens, limits } = this.#options;
    const { verifier } = await openPending(this.#options.ring, pending);
    try {
      return await requestTokens(
        account,
        { kind: 'authorization_code', ...callback, redirectUri: pending.redirectUri, codeVerifier: verifier },
        AbortSignal.timeout(limits.callDeadlineMs),
      );
    } catch (thrown) {
      if (thrown instanceof SnapError) throw thrown;
      const failure = readGrantFailure(thrown);
      const verdict = judgeFailure(failure);
      // A wrong client secret is no fault of the person who allowed: it is said as such, and the account stays as it was.
      if (verdict?.state === 'misconfigured') throw verdictError(account.name, verdict);
      throw refused(describeFailure(failure), account.name);
    }
  }
}

const openPending = (ring: KeyRing, pending: AuthorizationRow): Promise<Record<string, string>> =>
  ring.openFields(pending.sealed, authorizationSealRow(pending.accountId, pending.stateHash));

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

function refused(reason: string, name?: string): ConfigurationError {
  return new ConfigurationError(
    'SNAP_AUTHORIZATION_REFUSED',
    'The authorization was not completed; the account is unchanged.',
    {
      reason,
      resolution: `run "snaps account authorize ${name ?? 'NAME'}" and finish it in the same browser within ten minutes`,
    },
  );
}
