import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/http/contract.ts';
import { withoutCredentials, withoutToken } from '../../src/http/scrub-answer.ts';
import { emptyTraffic } from '../../src/http/traffic.ts';

const answer = (status: number, body: string | Buffer): HttpAnswer => ({
  status,
  headers: {},
  body: Buffer.from(body as string),
  isComplete: true,
  traffic: emptyTraffic(),
});
const textOf = ({ body }: HttpAnswer): string => Buffer.from(body).toString();

describe('an answer that repeats its request', () => {
  it('is read without the bearer token, raw, encoded or inside base64, whatever its status', () => {
    const token = 'token+of/some=length';
    const base64 = Buffer.from(`Bearer ${token}`).toString('base64');
    expect(textOf(withoutToken(answer(200, `<h1>${token}</h1>`), token))).toBe('<h1>[secret]</h1>');
    const refused = textOf(withoutToken(answer(403, `${token} ${encodeURIComponent(token)} ${base64}`), token));
    expect(refused.replaceAll('[secret]', '')).not.toMatch(/token|of|some/u);
    expect(refused).not.toContain(Buffer.from('of/some').toString('base64').slice(0, 8));
  });

  it('keeps every other byte, and is the same answer when nothing is repeated', () => {
    const bytes = Buffer.from([0xff, 0x00, 0x80, ...Buffer.from('a-long-token'), 0xfe]);
    const masked = withoutToken(answer(500, bytes), 'a-long-token');
    expect(Buffer.from(masked.body)).toEqual(
      Buffer.concat([Buffer.from([0xff, 0, 0x80]), Buffer.from('[secret]'), Buffer.from([0xfe])]),
    );
    const plain = answer(200, 'nothing here');
    expect(withoutToken(plain, 'a-long-token')).toBe(plain);
  });

  it('to a token request is read without its form and its Basic credentials, unless it brings tokens', () => {
    const body = new URLSearchParams({ refresh_token: 'refresh token/1', client_secret: 'form-secret' }).toString();
    const basic = Buffer.from('client:basic%2Bsecret').toString('base64');
    const request = { headers: { authorization: `Basic ${basic}` }, body };
    const said = ['refresh token/1', 'form-secret', 'basic+secret', basic].join(' and ');
    expect(textOf(withoutCredentials(answer(400, said), request))).toBe(
      '[secret] and [secret] and [secret] and [secret]',
    );
    const renewed = answer(200, JSON.stringify({ refresh_token: 'refresh token/1' }));
    expect(withoutCredentials(renewed, request)).toBe(renewed);
  });
});
