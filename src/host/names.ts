// Owns what accounts, saved pipelines and schedules may be called: one rule, for names stand in addresses, folders and commands alike.

/** Begins with a letter or digit, so that no name means another folder. */
export const namePattern = '^[A-Za-z0-9][A-Za-z0-9._-]*$';
export const accountNameLengthMax = 64;
export const nameLengthMax = 100;

export function isName(text: string, lengthMax: number): boolean {
  return text.length <= lengthMax && new RegExp(namePattern, 'u').test(text);
}

/** What a name takes, for a fault. */
export const nameRule = (lengthMax: number): string =>
  `takes letters, digits, ".", "_" and "-", the first a letter or digit, at most ${lengthMax}`;
