// Owns PKCE pairs (RFC 7636). Only S256: `plain` protects nothing.
import * as oauth from 'oauth4webapi';

export interface PkcePair {
  /** 43 characters; a secret until the exchange, and good for one authorization. */
  readonly codeVerifier: string;
  readonly codeChallenge: string;
  readonly codeChallengeMethod: 'S256';
}

/** Makes a fresh pair from 256 random bits. */
export async function createPkcePair(): Promise<PkcePair> {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const codeChallenge = await oauth.calculatePKCECodeChallenge(codeVerifier);
  return { codeVerifier, codeChallenge, codeChallengeMethod: 'S256' };
}
