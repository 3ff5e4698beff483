import { Args, Flags } from '@oclif/core';
import { ConfigurationError } from '../../errors.ts';
import type { AccountView, BegunAuthorization, Host } from '../../host/host.ts';
import type { CallbackListener } from '../../server/callback-listener.ts';
import { BaseCommand } from '../base-command.ts';
import { tell } from '../failure.ts';
import { openBrowser } from '../open-browser.ts';
import { readPastedCallback } from './pasted-callback.ts';

/** The same at every use, since a redirect URI is registered at the far side character by character. */
const callbackPortDefault = 8421;

interface BrowserFlags {
  readonly 'no-browser': boolean;
  readonly port: number;
}

export class AccountAuthorize extends BaseCommand {
  static override summary = 'Authorize an account: obtain a token, in the way of its grant.';
  static override description =
    `Client credentials ask at once. An authorization code opens your browser and waits up to ten minutes for its
callback on http://127.0.0.1:${callbackPortDefault}/oauth/callback: register exactly that redirect URI at the far side. With --no-browser
the address is only printed, and the callback may be pasted: copy it from the address bar of the page that the browser could not open.
A device code prints an address and a code to type there.`;
  static override args = { name: Args.string({ description: 'name of the account', required: true }) };
  static override flags = {
    'no-browser': Flags.boolean({
      description: 'only print the address, and take the pasted callback from standard input',
      default: false,
    }),
    port: Flags.integer({
      description: 'port of the callback; 0 for any free one',
      default: callbackPortDefault,
      min: 0,
      max: 65_535,
    }),
  };

  async run(): Promise<AccountView> {
    const { args, flags } = await this.parse(AccountAuthorize);
    const account = await this.withHost(flags, async (host) => {
      const { grant, notes } = await host.authorizations.describe(args.name);
      for (const note of notes) this.#tell(note);
      if (grant === 'authorization_code') return await this.#inBrowser(host, args.name, flags);
      if (grant === 'device_code') return await this.#byDevice(host, args.name);
      return await host.accounts.authorize(args.name);
    });
    this.say(`Account "${account.name}" is authorized until ${account.token?.expiresAt ?? 'further notice'}.`);
    return account;
  }

  async #inBrowser(host: Host, name: string, flags: BrowserFlags): Promise<AccountView> {
    const { listenForCallback } = await import('../../server/callback-listener.ts');
    const listener = await listenForCallback(flags.port);
    const ending = new AbortController();
    try {
      const begun = await host.authorizations.begin(name, { redirectUri: listener.redirectUri, bindsBrowser: false });
      const timer = setTimeout(() => ending.abort(tooLate(name)), Date.parse(begun.expiresAt) - Date.now());
      ending.signal.addEventListener('abort', () => clearTimeout(timer));
      await this.#showAddress(begun, flags);
      return await this.#callback(host, { begun, listener, ending, isPasted: flags['no-browser'] });
    } finally {
      ending.abort();
      await listener.close();
    }
  }

  async #showAddress({ redirectUri, authorizeUrl }: BegunAuthorization, flags: BrowserFlags): Promise<void> {
    this.#tell(`Redirect URI, as it must be registered at the far side: ${redirectUri}`);
    const isOpened = !flags['no-browser'] && (await openBrowser(authorizeUrl));
    this.#tell(isOpened ? 'Your browser opens this address:' : 'Open this address in a browser:');
    this.#tell(authorizeUrl);
    if (flags['no-browser']) {
      this.#tell('If the page after "Allow" does not open, copy its address from the address bar and paste it here:');
    }
  }

  async #callback(
    host: Host,
    flow: {
      readonly begun: BegunAuthorization;
      readonly listener: CallbackListener;
      readonly ending: AbortController;
      readonly isPasted: boolean;
    },
  ): Promise<AccountView> {
    const { begun, listener, ending, isPasted } = flow;
    const complete = (parameters: URLSearchParams): Promise<AccountView> =>
      host.authorizations.complete({ parameters });
    const called = listener.wait(
      begun.state,
      async (parameters) => {
        const result = await complete(parameters);
        const text = `Account "${result.name}" can be used now. You can close this page.`;
        return { result, page: { title: 'Authorized', text } };
      },
      ending.signal,
    );
    if (!isPasted) return await called;
    const pasted = readPastedCallback({
      input: process.stdin,
      redirectUri: begun.redirectUri,
      state: begun.state,
      onRefusal: (words) => this.#tell(words),
      signal: ending.signal,
    });
    // When the input ends without a callback, the listener is still there.
    return await Promise.race([called, pasted.then((parameters) => (parameters ? complete(parameters) : called))]);
  }

  async #byDevice(host: Host, name: string): Promise<AccountView> {
    const device = await host.authorizations.beginDevice(name, new AbortController().signal);
    this.#tell(`Open ${device.verificationUri} and type the code ${device.userCode}`);
    if (device.verificationUriComplete !== null) this.#tell(`or open ${device.verificationUriComplete}`);
    this.#tell(`Waiting until ${device.expiresAt}.`);
    return await device.finished;
  }

  /** What a person must read while the command waits; standard output stays one JSON value with --json. */
  #tell(text: string): void {
    if (this.jsonEnabled()) tell(text);
    else this.say(text);
  }
}

function tooLate(name: string): ConfigurationError {
  return new ConfigurationError(
    'SNAP_AUTHORIZATION_REFUSED',
    `Account "${name}" was not authorized; it is unchanged.`,
    {
      reason: 'nobody finished it within ten minutes',
      resolution: `run "snaps account authorize ${name}" again`,
    },
  );
}
