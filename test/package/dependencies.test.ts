// What the lock file says of the packages that are installed with this one.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};
const locked = Object.entries(lock.packages).filter(([place]) => place !== '');
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Readonly<Record<string, Record<string, string>>>;
/** Licences that an Apache-2.0 package may depend on without further duties than keeping the notices. */
const allowedLicences = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '0BSD',
  '(MIT OR CC0-1.0)',
]);

describe('the dependencies', () => {
  it('run nothing when they are installed', () => {
    expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([place]) => place)).toEqual([]);
  });

  it('are locked to their content, every one', () => {
    const loose = locked.filter(
      ([, { integrity, resolved = 'https://' }]) =>
        !integrity?.startsWith('sha512-') || !resolved.startsWith('https://'),
    );
    expect(loose.map(([place]) => place)).toEqual([]);
  });

  it('are named with exact versions', () => {
    const named = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((section) =>
      Object.entries(manifest[section] ?? {}),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+$/u.test(version))).toEqual([]);
  });

  it('are no older than what is known to be safe: undici 8 or newer', () => {
    expect(Number(lock.packages['node_modules/undici']?.version?.split('.')[0])).toBeGreaterThanOrEqual(8);
  });

  it('carry licences that allow shipping with this one, as far as they are there at run time', () => {
    const shipped = locked.filter(([, { dev, optional }]) => dev !== true && optional !== true);
    expect(shipped.length).toBeGreaterThan(50);
    const others = shipped.filter(([, { license = 'none' }]) => !allowedLicences.has(license));
    expect(others.map(([place, { license }]) => `${place}: ${license}`)).toEqual([]);
  });
});
