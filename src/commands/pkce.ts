import { BaseCommand } from './base-command.ts';

interface PkcePair {
  readonly verifier: string;
  readonly challenge: string;
  readonly method: 'S256';
}

export class Pkce extends BaseCommand {
  static override summary = 'Make a PKCE verifier and its S256 challenge (RFC 7636); each pair serves once.';

  async run(): Promise<PkcePair> {
    await this.parse(Pkce);
    const { makePkcePair } = await import('../host.ts');
    const pair = await makePkcePair();
    this.say(`verifier:  ${pair.verifier}`);
    this.say(`challenge: ${pair.challenge}`);
    this.say(`method:    ${pair.method}`);
    return pair;
  }
}
