import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { CoupaExchangeRate, CoupaInvoice, CoupaSupplierRef } from '../../src/generated/coupa/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Type-checks a program and gives the lines at fault, counted from 1. */
const faultyLines = (folder: string): Promise<readonly number[]> =>
  new Promise((resolve) => {
    execFile(process.execPath, [tsc, '--noEmit', '-p', folder], (_error, stdout) => {
      resolve([...stdout.matchAll(/program\.ts\((\d+),/g)].map(([, line]) => Number(line)));
    });
  });

describe('generated types', () => {
  it('say what the documentation says', () => {
    expectTypeOf<CoupaInvoice['invoice-number']>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<CoupaInvoice['gross-total']>().toEqualTypeOf<string | null | undefined>();
    expectTypeOf<CoupaInvoice['supplier']>().toEqualTypeOf<CoupaSupplierRef | null | undefined>();
    expectTypeOf<CoupaExchangeRate['id']>().toEqualTypeOf<number | undefined>();
  });

  describe('in a program', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'types-'));
      const config = {
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false, types: [] },
        include: [],
        files: ['program.ts'],
      };
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('let documented fields compile and refuse a wrong name, type, value and shape', async () => {
      const program = [
        `import type { CoupaInvoice } from '${join(root, 'src/generated/coupa/index.ts')}';`,
        "export const good: CoupaInvoice = { 'invoice-number': 'A', status: 'draft', 'invoice-lines': [{ price: '1.00' }] };",
        "export const name: CoupaInvoice = { 'invoice-nummer': 'A' };",
        "export const type: CoupaInvoice = { 'gross-total': 1.5 };",
        "export const value: CoupaInvoice = { status: 'drafted' };",
        "export const shape: CoupaInvoice = { 'invoice-lines': { price: '1.00' } };",
        "export const read = (invoice: CoupaInvoice) => invoice['no-such-field'];",
      ];
      await writeFile(join(folder, 'program.ts'), program.join('\n'));
      expect(await faultyLines(folder)).toEqual([3, 4, 5, 6, 7]);
    });
  });
});
