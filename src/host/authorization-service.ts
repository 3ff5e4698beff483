// Offers authorizations by a person to commands and routes: address or code made here, state and tokens kept by the vault.
import { ConfigurationError, type SnapError } from '../errors.ts';
import type { DeviceAuthorization } from '../oauth/device-code.ts';
import { OauthFailure } from '../oauth/failure.ts';
import { createPkcePair } from '../oauth/pkce.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { AccountView, OpenAccount, Vault } from '../vault/contract.ts';
import { failureError, judgeFailure, verdictError } from '../vault/verdict.ts';
import { accountTypeOf, grantOf } from './account-policy.ts';
import type { Authorizations, BegunDevice, GrantDescription, GrantKind } from './authorization-contract.ts';
import { scopesOf, type TokenRequests } from './token-requests.ts';

export interface AuthorizationServiceOptions {
  readonly registry: PackRegistry;
  readonly openVault: () => Promise<Vault>;
  readonly tokenRequests: TokenRequests;
}

export class AuthorizationService implements Authorizations {
  readonly #options: AuthorizationServiceOptions;

  constructor(options: AuthorizationServiceOptions) {
    this.#options = options;
  }

  async describe(accountName: string): Promise<GrantDescription> {
    return this.#describe(await this.#open(accountName));
  }

  async begin(accountName: string, { redirectUri, bindsBrowser }: { redirectUri: string; bindsBrowser: boolean }) {
    const account = await this.#open(accountName);
    this.#expect(account, 'authorization_code');
    const pair = this.#usesPkce(account) ? await createPkcePair() : undefined;
    const vault = await this.#options.openVault();
    const { state, nonce, expiresInMs } = await vault.authorizations.begin(accountName, {
      redirectUri,
      bindsBrowser,
      ...(pair === undefined ? {} : { codeVerifier: pair.codeVerifier }),
    });
    const address = { redirectUri, state, codeChallenge: pair?.codeChallenge };
    return {
      authorizeUrl: this.#options.tokenRequests.authorizeUrl(account, address).href,
      redirectUri,
      state,
      nonce,
      expiresAt: new Date(Date.now() + expiresInMs).toISOString(),
    };
  }

  async complete(callback: { parameters: URLSearchParams; nonce?: string }): Promise<AccountView> {
    return await (await this.#options.openVault()).authorizations.complete(callback);
  }

  async beginDevice(accountName: string, signal: AbortSignal): Promise<BegunDevice> {
    const account = await this.#open(accountName);
    this.#expect(account, 'device_code');
    const device = await this.#options.tokenRequests.requestDevice(account, signal).catch((thrown: unknown) => {
      throw asAuthorizationError(account.name, thrown);
    });
    const { userCode, verificationUri, verificationUriComplete = null, expiresInSeconds } = device;
    const finished = this.#finishDevice(account, device, signal);
    // Whoever began it may have gone away by then; a rejection nobody reads must not end the process.
    finished.catch(() => undefined);
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1000).toISOString();
    return { userCode, verificationUri, verificationUriComplete, expiresAt, finished };
  }

  async #finishDevice(account: OpenAccount, device: DeviceAuthorization, signal: AbortSignal): Promise<AccountView> {
    const answer = await this.#options.tokenRequests.pollDevice(account, device, signal).catch((thrown: unknown) => {
      throw asAuthorizationError(account.name, thrown);
    });
    // A person may have taken minutes: tokens of the old host or client must not land in what the account is now.
    const now = await this.#open(account.name);
    if (JSON.stringify(now) !== JSON.stringify(account)) {
      throw refused(account.name, 'the account was changed or removed since it was begun');
    }
    return await (await this.#options.openVault()).authorizations.accept(account.name, answer);
  }

  async #open(accountName: string): Promise<OpenAccount> {
    return await (await this.#options.openVault()).accounts.open(accountName);
  }

  #describe(account: OpenAccount): GrantDescription {
    const { declaration } = accountTypeOf(this.#options.registry, account.type);
    const grant = grantOf(declaration, account.settings) as GrantKind | undefined;
    const { oauth } = declaration;
    if (oauth === undefined || grant === undefined) throw noGrant(account);
    const { offline } = oauth.scopes;
    const staysAuthorized =
      grant === 'client_credentials' || offline === undefined || scopesOf(oauth, account.settings).includes(offline);
    const hours = Math.round(oauth.tokenLifetimeSecondsMax / 3600);
    const note =
      `Account "${account.name}" does not ask for ${offline}: a person must authorize it again when the token ends, ` +
      `after ${hours} hours at most. Add ${offline} to its scopes to stay authorized.`;
    return { grant, notes: staysAuthorized ? [] : [note] };
  }

  #expect(account: OpenAccount, expected: GrantKind): void {
    const { grant } = this.#describe(account);
    if (grant === expected) return;
    throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `Account "${account.name}" is not authorized in this way.`, {
      reason: `its grant is ${grant}, not ${expected}`,
      resolution: `run "snaps account authorize ${account.name}", which goes by its grant`,
    });
  }

  #usesPkce({ name, type, settings, secrets }: OpenAccount): boolean {
    const { oauth } = accountTypeOf(this.#options.registry, type).declaration;
    if (oauth?.pkce === 'S256' && settings.pkce !== false) return true;
    if (secrets.clientSecret !== undefined) return false;
    throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `Account "${name}" proves itself by nothing.`, {
      reason: 'it has neither a client secret nor PKCE, so that anybody could use a stolen code',
      resolution: `run "snaps account update ${name} --set pkce=true", or give it the client secret`,
    });
  }
}

/** What a grant failed with, as an error that says who must act. Ours pass as they are. */
function asAuthorizationError(name: string, thrown: unknown): unknown {
  if (!(thrown instanceof OauthFailure)) return thrown;
  if (thrown.kind === 'authorization-refused') return refused(name, thrown.description);
  const verdict = judgeFailure(thrown);
  return verdict === undefined ? failureError(name, thrown) : verdictError(name, verdict);
}

function refused(name: string, reason: string): SnapError {
  return new ConfigurationError(
    'SNAP_AUTHORIZATION_REFUSED',
    `Account "${name}" was not authorized; it is unchanged.`,
    {
      reason,
      resolution: `run "snaps account authorize ${name}" again`,
    },
  );
}

function noGrant({ name, type }: OpenAccount): SnapError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `Account "${name}" has nothing to authorize.`, {
    reason: `account type ${type} declares no OAuth`,
    resolution: 'use an account type with OAuth',
  });
}
