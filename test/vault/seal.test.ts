import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, seal } from '../../src/vault/seal.ts';

const key = { id: 'key-1', bytes: randomBytes(32) };
const place = { table: 'token_sets', owner: 'account-1', field: 'access', version: 3 };

describe('sealing', () => {
  it('opens any text at its own place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wellFormed = text.toWellFormed();
        expect(open(seal(wellFormed, key, place), key, place)).toBe(wellFormed);
      }),
    );
  });

  it('never seals a text twice to the same bytes', () => {
    const sealed = Array.from({ length: 1000 }, () => seal('same', key, place));
    expect(new Set(sealed).size).toBe(1000);
  });

  it('refuses every changed character', () => {
    const sealed = seal('a secret', key, place);
    for (let index = 0; index < sealed.length; index += 1) {
      for (const other of ['A', 'B', '_', '=', '.', '\n']) {
        if (sealed[index] === other) continue;
        const changed = `${sealed.slice(0, index)}${other}${sealed.slice(index + 1)}`;
        expect(() => open(changed, key, place), changed).toThrow(expect.objectContaining({ code: 'SNAP_SEAL_BROKEN' }));
      }
    }
  });

  it('refuses every flipped bit', () => {
    const sealed = seal('a secret', key, place);
    const body = Buffer.from(sealed.slice(3), 'base64url');
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const flipped = Buffer.from(body);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(() => open(`s1.${flipped.toString('base64url')}`, key, place)).toThrow('could not be opened');
    }
  });

  it('refuses every cut and every addition', () => {
    const sealed = seal('a secret', key, place);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => open(sealed.slice(0, length), key, place)).toThrow('could not be opened');
    }
    for (const more of ['A', 'AAAA', ' ', '\n', '=']) expect(() => open(sealed + more, key, place)).toThrow();
  });

  it.each([
    ['table', { ...place, table: 'accounts' }],
    ['account', { ...place, owner: 'account-2' }],
    ['field', { ...place, field: 'refresh' }],
    ['version', { ...place, version: 2 }],
  ])('refuses a value of another %s', (_, elsewhere) => {
    expect(() => open(seal('a secret', key, place), key, elsewhere)).toThrow('could not be opened');
  });

  it('refuses another key, and the same key under another id', () => {
    const sealed = seal('a secret', key, place);
    expect(() => open(sealed, { id: 'key-1', bytes: randomBytes(32) }, place)).toThrow('could not be opened');
    expect(() => open(sealed, { ...key, id: 'key-2' }, place)).toThrow('could not be opened');
  });
});
