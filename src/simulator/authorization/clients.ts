// Owns the registered OAuth clients and the rules of the client form. Never holds a token.

import { createHmac } from 'node:crypto';
import type { Fault } from '../../errors.ts';
import { ConfigurationError } from '../../errors.ts';
import type { ClientRegistration, GrantType, RegisteredClient } from './contract.ts';

/** One client as its page shows it. */
export interface Client extends Required<ClientRegistration> {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly isActive: boolean;
}

export const grantTitles: Readonly<Record<GrantType, string>> = {
  client_credentials: 'Client credentials',
  authorization_code: 'Authorization code',
  device_code: 'Device code',
};

const clientsMax = 10_000;
const redirectUrisMax = 50;
const textLengthMax = 500;

const defaults = {
  redirectUris: [] as readonly string[],
  isPublic: false,
  contactFirstName: 'Integration',
  contactLastName: 'Owner',
  contactEmail: 'integration.owner@example.com',
};

export class ClientRegistry {
  readonly #clients = new Map<string, Client>();
  readonly #seed: number;
  readonly #scopes: ReadonlySet<string>;
  readonly #takenLogins: ReadonlySet<string>;

  constructor(options: { seed: number; scopes: readonly string[]; takenLogins: readonly string[] }) {
    this.#seed = options.seed;
    this.#scopes = new Set(options.scopes);
    this.#takenLogins = new Set(options.takenLogins);
  }

  list(): readonly Client[] {
    return [...this.#clients.values()];
  }

  find(clientId: string): Client | undefined {
    return this.#clients.get(clientId);
  }

  /** Every fault of a registration, each at its field, in the words of Coupa's form. */
  faults(registration: ClientRegistration): Fault[] {
    const client = { ...defaults, ...registration };
    return [
      ...textFaults(client),
      ...this.#loginFaults(client),
      ...redirectFaults(client),
      ...this.scopeFaults(client.scopes),
      ...(client.isPublic && client.grantType !== 'authorization_code'
        ? [fault('isPublic', 'Only an authorization code client can go without a secret')]
        : []),
      ...(this.#clients.size >= clientsMax ? [fault('name', `No more than ${clientsMax} clients`)] : []),
    ];
  }

  /** Registers a client, under `keys` where they are given. Throws SNAP_SETTINGS_INVALID with every fault. */
  register(registration: ClientRegistration, keys?: RegisteredClient): RegisteredClient {
    const faults = this.faults(registration);
    if (faults.length > 0) {
      throw new ConfigurationError('SNAP_SETTINGS_INVALID', 'The client could not be registered.', {
        reason: faults.map((each) => each.message).join('; '),
        resolution: 'mend the named fields and register again',
        faults,
      });
    }
    const isPublic = registration.isPublic ?? defaults.isPublic;
    const number = this.#clients.size + 1;
    const clientId = keys?.clientId ?? this.#derive('id', number).slice(0, 32);
    const clientSecret = isPublic ? '' : (keys?.clientSecret ?? this.#derive('secret', number));
    this.#clients.set(clientId, { ...defaults, ...registration, isPublic, clientId, clientSecret, isActive: true });
    return { clientId, clientSecret };
  }

  deactivate(clientId: string): void {
    this.#change(clientId, { isActive: false });
  }

  /** Sets the scopes of a client, which must be free of `scopeFaults`. */
  changeScopes(clientId: string, scopes: readonly string[]): void {
    this.#change(clientId, { scopes });
  }

  scopeFaults(scopes: readonly string[]): Fault[] {
    if (scopes.length === 0) return [fault('scopes', 'Select at least one scope')];
    return scopes
      .filter((scope) => !this.#scopes.has(scope))
      .map((scope) => fault('scopes', `Scope ${scope} does not exist`));
  }

  #loginFaults(client: ClientRegistration): Fault[] {
    const isTaken =
      this.#takenLogins.has(client.login) ||
      this.list().some((each) => each.grantType === 'client_credentials' && each.login === client.login);
    return client.grantType === 'client_credentials' && isTaken ? [fault('login', 'Login has already been taken')] : [];
  }

  #change(clientId: string, change: Partial<Client>): void {
    const client = this.#clients.get(clientId);
    if (client) this.#clients.set(clientId, { ...client, ...change });
  }

  // Repeatable for a seed, so that examples and screenshots stay the same; a simulator guards nothing real.
  #derive(purpose: string, number: number): string {
    return createHmac('sha256', `simulator ${this.#seed}`).update(`${purpose} ${number}`).digest('hex');
  }
}

function fault(field: string, message: string): Fault {
  return { pointer: `/${field}`, message };
}

function textFaults(client: Required<ClientRegistration>): Fault[] {
  const texts: readonly (readonly [string, string, string])[] = [
    ['name', 'Name', client.name],
    ['login', 'Login', client.login],
    ['contactFirstName', 'Contact first name', client.contactFirstName],
    ['contactLastName', 'Contact last name', client.contactLastName],
    ['contactEmail', 'Contact email', client.contactEmail],
  ];
  const faults = texts.flatMap(([field, title, value]) => {
    if (value.trim() === '') return [fault(field, `${title} can't be blank`)];
    return value.length > textLengthMax
      ? [fault(field, `${title} is too long (maximum is ${textLengthMax} characters)`)]
      : [];
  });
  const isEmail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(client.contactEmail);
  return client.contactEmail.trim() === '' || isEmail
    ? faults
    : [...faults, fault('contactEmail', 'Contact email is invalid')];
}

function redirectFaults(client: Required<ClientRegistration>): Fault[] {
  if (client.grantType !== 'authorization_code') return [];
  if (client.redirectUris.length === 0) return [fault('redirectUris', "Redirect URI can't be blank")];
  if (client.redirectUris.length > redirectUrisMax) {
    return [fault('redirectUris', `No more than ${redirectUrisMax} redirect URIs`)];
  }
  return client.redirectUris
    .filter((uri) => !isRedirectUri(uri))
    .map((uri) =>
      fault('redirectUris', `Redirect URI must be an absolute http or https URI without a fragment, found ${uri}`),
    );
}

function isRedirectUri(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && !text.includes('#');
}
