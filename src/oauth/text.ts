// Owns making words of a server fit for people: one line, bounded, without the secrets that the request carried.

export const textLengthMax = 500;
/** Shorter values stand in ordinary words too often to be taken out of them. */
const secretLengthMin = 4;

/** Gives the text on one printable line of at most 500 characters, each of the secrets masked, raw or encoded for a URL. */
export function plainText(text: string, secrets: readonly (string | undefined)[]): string {
  let plain = text.slice(0, 16 * textLengthMax);
  for (const secret of secrets) {
    if (secret === undefined || secret.length < secretLengthMin) continue;
    for (const form of [secret, encodeURIComponent(secret)]) plain = plain.replaceAll(form, '[secret]');
  }
  // Controls, and characters that turn the direction of what stands after them.
  plain = plain.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return plain.length > textLengthMax ? `${plain.slice(0, textLengthMax - 1)}…` : plain;
}
