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
    const { createPkcePair } = await import('../host.ts');
    const { codeVerifier, codeChallenge, codeChallengeMethod } = await createPkcePair();
    this.say(`verifier:  ${codeVerifier}`);
    this.say(`challenge: ${codeChallenge}`);
    this.say(`method:    ${codeChallengeMethod}`);
    return { verifier: codeVerifier, challenge: codeChallenge, method: codeChallengeMethod };
  }
}
