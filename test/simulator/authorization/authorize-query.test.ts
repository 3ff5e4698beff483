import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authorizeQuery } from '../../../src/simulator/authorization/authorize-query.ts';

const verifiers = fc.string({
  unit: fc.constantFrom(...'ABCabc012-._~'),
  minLength: 43,
  maxLength: 128,
});
const s256 = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

describe('authorizeQuery', () => {
  it('turns a plain challenge into the S256 challenge of the same verifier', () => {
    fc.assert(
      fc.property(verifiers, fc.boolean(), (verifier, isNamed) => {
        const query = new URLSearchParams({
          code_challenge: verifier,
          ...(isNamed ? { code_challenge_method: 'plain' } : {}),
        });
        const changed = authorizeQuery(query);
        expect([changed.get('code_challenge'), changed.get('code_challenge_method')]).toEqual([s256(verifier), 'S256']);
      }),
    );
  });

  it('leaves every other parameter as it was, in its order', () => {
    const names = fc.constantFrom('client_id', 'state', 'scope', 'redirect_uri', 'nonce', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.string())), (pairs) => {
        const changed = [...authorizeQuery(new URLSearchParams(pairs))];
        expect(changed).toEqual([...new URLSearchParams(pairs), ['prompt', 'consent']]);
      }),
    );
  });

  it('always asks for consent, but not against prompt=none', () => {
    const promptOf = (query: string) => authorizeQuery(new URLSearchParams(query)).get('prompt');
    expect(promptOf('')).toBe('consent');
    expect(promptOf('prompt=login')).toBe('login consent');
    expect(promptOf('prompt=consent')).toBe('consent');
    expect(promptOf('prompt=none')).toBe('none');
  });

  it('leaves S256, unknown methods and doubled challenges for the server to judge', () => {
    const challenge = 'a'.repeat(43);
    for (const query of [
      `code_challenge=${challenge}&code_challenge_method=S256`,
      `code_challenge=${challenge}&code_challenge_method=S512`,
      `code_challenge=${challenge}&code_challenge=${challenge}`,
    ]) {
      expect(String(authorizeQuery(new URLSearchParams(query)))).toBe(`${query}&prompt=consent`);
    }
  });
});
