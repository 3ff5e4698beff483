// Owns the difference between Coupa's authorize request and the one the certified server takes. Changes no meaning.

import { hash } from 'node:crypto';

const challengeForm = /^[\w.~-]{43,128}$/u;

/**
 * The query of an authorize request as the server behind it wants it: consent is always asked, and a plain challenge
 * (named, or meant by a missing method) becomes the S256 challenge of the same verifier, which proves exactly the same.
 */
export function authorizeQuery(query: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(query);
  const prompts = (changed.get('prompt') ?? '').split(' ').filter(Boolean);
  if (!prompts.includes('none') && !prompts.includes('consent'))
    changed.set('prompt', [...prompts, 'consent'].join(' '));
  const [challenge, ...others] = changed.getAll('code_challenge');
  // A doubled parameter is left as it is: the server refuses it (RFC 6749 section 3.1).
  if (challenge && others.length === 0 && (changed.get('code_challenge_method') ?? 'plain') === 'plain') {
    if (challengeForm.test(challenge)) changed.set('code_challenge', hash('sha256', challenge, 'base64url'));
    changed.set('code_challenge_method', 'S256');
  }
  return changed;
}
