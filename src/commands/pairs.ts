// Reads `name=value` flags, and secrets from where they are kept: the environment, a file or standard input; never argv.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ConfigurationError } from '../errors.ts';

const secretBytesMax = 65_536;

/** Splits `name=value` flags. Throws SNAP_USAGE for a pair without `=` or a name given twice; the value is never echoed. */
export function readPairs(flag: string, pairs: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw usage(`--${flag} takes name=value.`, 'a pair has no name or no "="', `write --${flag} name=value`);
    const name = pair.slice(0, at);
    if (values.has(name))
      throw usage(`--${flag} names "${name}" twice.`, 'one name has two values', 'keep one of them');
    values.set(name, pair.slice(at + 1));
  }
  return Object.fromEntries(values);
}

/** Reads secrets named as `name=env:VARIABLE`, `name=file:PATH` or `name=-` (standard input, once). */
export async function readSecrets(
  pairs: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const secrets: [string, string][] = [];
  const places = Object.entries(readPairs('secret', pairs));
  if (places.filter(([, place]) => place === '-').length > 1) {
    throw usage(
      'Only one secret can come from standard input.',
      'two secrets say "-"',
      'use env: or file: for the other',
    );
  }
  for (const [name, place] of places) secrets.push([name, await readSecret(name, place, environment)]);
  return Object.fromEntries(secrets);
}

async function readSecret(
  name: string,
  place: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (place.startsWith('env:')) {
    const variable = place.slice('env:'.length);
    return checked(name, environment[variable], `the variable ${variable} is not set or is empty`);
  }
  if (place.startsWith('file:')) {
    const file = place.slice('file:'.length);
    const content = await readFile(file, 'utf8').catch(() => undefined);
    return checked(name, content, `the file ${file} cannot be read or is empty`);
  }
  if (place === '-') return checked(name, await text(process.stdin), 'standard input was empty');
  // What stands here may be the secret itself, so it is not repeated.
  throw usage(
    `The secret "${name}" was not read.`,
    'a secret is never taken from the command line, where other processes can see it',
    `write --secret ${name}=env:VARIABLE, --secret ${name}=file:PATH or --secret ${name}=-`,
  );
}

function checked(name: string, value: string | undefined, reason: string): string {
  const secret = value?.replace(/\r?\n$/u, '');
  if (secret && secret.length <= secretBytesMax) return secret;
  throw usage(`The secret "${name}" was not read.`, reason, 'say where the secret is: env:VARIABLE, file:PATH or -');
}

function usage(message: string, reason: string, resolution: string): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', message, { reason, resolution });
}
