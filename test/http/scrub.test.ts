import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScrubber, mask } from '../../src/http/scrub.ts';

const secret = 'S3cr/et+"val ue"~ü';

describe('createScrubber', () => {
  const scrubber = createScrubber();
  scrubber.add(secret, { clientId: 'client:id' });

  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ secret })],
    ['in JSON inside JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['in a query', `?secret=${encodeURIComponent(secret)}`],
    ['in a query in lower case', `?secret=${encodeURIComponent(secret).toLowerCase().replace('s3cr', 'S3cr')}`],
    ['in a form', new URLSearchParams({ secret }).toString()],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
    ['in a Basic header', `Basic ${Buffer.from(`client:id:${secret}`).toString('base64')}`],
    ['in hex', Buffer.from(secret).toString('hex')],
  ])('masks a secret %s', (_, text) => {
    const scrubbed = scrubber.scrub(`before ${text} after`);
    expect(scrubbed).toContain(mask);
    expect(scrubbed).toMatch(/^before .* after$/u);
    for (const part of ['S3cr', Buffer.from(secret).toString('base64').slice(4, -4)])
      expect(scrubbed).not.toContain(part);
  });

  it('masks a secret that is in the middle of something base64-encoded, at any offset', () => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const text = Buffer.from(`${before}${secret}after`).toString('base64');
      expect(scrubber.scrub(text)).toContain(mask);
    }
  });

  it('leaves other text alone', () => {
    expect(scrubber.scrub('nothing to see')).toBe('nothing to see');
    expect(createScrubber().scrub(secret)).toBe(secret);
  });

  it('does not take short values for secrets, which stand in ordinary words', () => {
    const short = createScrubber();
    short.add('a');
    short.add('');
    expect(short.scrub('a banana')).toBe('a banana');
  });

  it('masks the longer of two secrets that begin alike', () => {
    const two = createScrubber();
    two.add('abcdefgh');
    two.add('abcdefghijkl');
    expect(two.scrub('abcdefghijkl')).toBe(mask);
  });

  it('masks any secret in any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), fc.string(), fc.string(), (value, before, after) => {
        const one = createScrubber();
        one.add(value);
        const scrubbed = one.scrub(`${before}${value}${after}`);
        expect(scrubbed).toContain(mask);
        if (!mask.includes(value) && !`${before}${mask}${after}`.includes(value)) expect(scrubbed).not.toContain(value);
      }),
    );
  });
});
