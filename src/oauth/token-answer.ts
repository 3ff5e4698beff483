// Owns check-and-parse of a token answer. A token that came is kept whatever else is wrong: its predecessor may be dead already.
import * as oauth from 'oauth4webapi';
import { type RawAnswer, refusal } from './answer.ts';
import type { LibraryParts } from './client.ts';
import type { TokenAnswer } from './contract.ts';

/** Beyond thirty years no lifetime is meant. */
const expiresInSecondsMax = 1_000_000_000;
const tokenLengthMax = 262_144;
/** Wider than RFC 6750, section 2.1, as servers are; a space or a line break would change a request that carries it. */
const bearerToken = /^[\x21-\x7e]+$/u;
/** RFC 6749, appendix A.17: printable ASCII. */
const printable = /^[\x20-\x7e]+$/u;

type Body = Readonly<Record<string, unknown>>;

/** Reads a token answer, salvaging what it can. Throws OauthFailure when it holds no token at all. */
export async function readTokenAnswer(
  raw: RawAnswer,
  parts: LibraryParts,
  secrets: readonly (string | undefined)[],
): Promise<TokenAnswer> {
  const { status, body } = raw;
  if (status < 200 || status > 299) throw refusal(raw, secrets);
  const flaws: string[] = [];
  const accessToken = body && readToken(body, 'access_token', bearerToken, flaws);
  const refreshToken = body && readToken(body, 'refresh_token', printable, flaws);
  if (body === undefined || (accessToken === undefined && refreshToken === undefined)) throw refusal(raw, secrets);
  if (status !== 200) flaws.push(`the status is ${status}, not 200`);
  const answer = {
    accessToken,
    refreshToken,
    tokenType: readTokenType(body, flaws),
    expiresInSeconds: readExpiresIn(body, flaws),
    scope: readScope(body, flaws),
  };
  if (accessToken === undefined) flaws.push('there is no usable access_token');
  // Last, for it reads the body to its end and throws away what it does not like.
  if (flaws.length === 0 && !(await isConforming(raw.response, parts, body)))
    flaws.push('the answer does not follow RFC 6749, or its id_token is not valid');
  return { ...answer, flaws };
}

function readToken(body: Body, name: string, form: RegExp, flaws: string[]): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= tokenLengthMax && form.test(value)) return value;
  flaws.push(`${name} is not a token`);
  return undefined;
}

function readTokenType({ token_type: value }: Body, flaws: string[]): string {
  const type = typeof value === 'string' && /^[\w.~+/-]{1,50}$/u.test(value) ? value.toLowerCase() : undefined;
  if (type !== 'bearer') flaws.push('token_type is not bearer');
  return type ?? 'bearer';
}

/** Some servers send the number as a string; "3600abc" is none. */
function readExpiresIn({ expires_in: value }: Body, flaws: string[]): number | undefined {
  if (value === undefined) return undefined;
  const seconds = typeof value === 'string' && /^\d{1,10}$/u.test(value) ? Number(value) : value;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 && seconds <= expiresInSecondsMax)
    return seconds;
  flaws.push('expires_in is not a number of seconds');
  return undefined;
}

function readScope({ scope: value }: Body, flaws: string[]): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= tokenLengthMax)
    return value.split(' ').filter((scope) => scope !== '');
  flaws.push('scope is not a string');
  return undefined;
}

async function isConforming(response: Response, parts: LibraryParts, body: Body): Promise<boolean> {
  // An id_token can be judged only by the issuer's declared name, and nothing here is decided by it.
  if (body.id_token !== undefined && !parts.hasIssuer) return typeof body.id_token === 'string';
  return oauth.processGenericTokenEndpointResponse(parts.server, parts.client, response).then(
    () => true,
    () => false,
  );
}
