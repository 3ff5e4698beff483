// Owns the drawing of numbers from a seed: one draw for each (seed, object, field, ordinal), so any field can be computed alone.
// Never keeps state between draws: a stateful generator would make a record depend on which were computed before it.

/** Mixes the bits of a 32-bit integer (the finaliser of MurmurHash3); gives an unsigned 32-bit integer. */
export function mix(bits: number): number {
  let mixed = bits | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The 32-bit salt of a text such as `seed/object/field`, computed once when a generator is made. */
export function saltOf(text: string): number {
  let salt = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    salt = Math.imul(salt ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(salt);
}

/** An unsigned 32-bit draw for one record. */
export function draw(salt: number, ordinal: number): number {
  return mix(salt ^ Math.imul(ordinal + 1, 0x9e3779b1));
}

/** A draw below `bound`, from 0. */
export function drawBelow(salt: number, ordinal: number, bound: number): number {
  return Math.floor((draw(salt, ordinal) / 0x100000000) * bound);
}

/** One element of a list that is not empty. */
export function drawOne<T>(salt: number, ordinal: number, list: readonly [T, ...T[]] | readonly T[]): T {
  return list[drawBelow(salt, ordinal, list.length)] as T;
}
