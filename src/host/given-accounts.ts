// Owns accounts whose token a person hands over for the life of this process. Nothing of them is stored, sealed or shown.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, ExecutionError } from '../errors.ts';
import type { TokenSource } from '../http/contract.ts';
import type { PackRegistry } from '../pack/index.ts';
import { checkAccountInput } from './account-input.ts';
import { accountTypeOf } from './account-policy.ts';
import type { AccountInput } from './host.ts';

interface GivenAccount {
  readonly type: string;
  readonly settings: JsonObject;
  readonly tokens: TokenSource;
}

export class GivenAccounts {
  readonly #registry: PackRegistry;
  readonly #allowedHosts: readonly string[];
  readonly #accounts = new Map<string, GivenAccount>();

  constructor(registry: PackRegistry, allowedHosts: readonly string[]) {
    this.#registry = registry;
    this.#allowedHosts = allowedHosts;
  }

  /** Takes an account and gives the name to use it by, which no stored account can have. Throws as adding one does. */
  give(input: AccountInput): string {
    const type = accountTypeOf(this.#registry, input.type);
    const { token } = type.declaration;
    if (token === undefined) {
      throw new ConfigurationError('SNAP_ACCOUNT_INVALID', `An account of type ${input.type} is not given for a run.`, {
        reason: 'its tokens are asked for and renewed by the host',
        resolution: `add it with "snaps account add ${input.name} --type ${input.type}"`,
      });
    }
    const settings = checkAccountInput(type, input, { allowedHosts: this.#allowedHosts });
    const value = input.secrets[token.setting] ?? '';
    const name = `${input.name} (given for this run)`;
    this.#accounts.set(name, { type: input.type, settings, tokens: givenToken(input.name, value) });
    return name;
  }

  find(name: string): GivenAccount | undefined {
    return this.#accounts.get(name);
  }
}

/** There is nowhere to get another token from: a refused one ends the run. */
function givenToken(name: string, value: string): TokenSource {
  const token = { value, version: 1, issuedAt: Date.now() };
  return async ({ rejectedVersion } = {}) => {
    if (rejectedVersion === undefined) return token;
    throw new ExecutionError('SNAP_ACCOUNT_REJECTED', `The far side refuses the token that was given for "${name}".`, {
      reason: 'it answered 401; the token may have ended, or belong to another host',
      resolution: 'hand over a fresh token, or add an account that the host can renew',
      status: 401,
    });
  };
}
