import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { fencesOf, firstBroken, type Step, stepsOf } from './guide.ts';
import { GuideSession } from './guide-session.ts';

/** The guides in the order of their index: each may count on what those before it left. */
const guides = [
  'docs/guides/README.md',
  'docs/guides/first-connection.md',
  'docs/guides/approved-invoices.md',
  'docs/guides/suppliers-and-rates.md',
  'docs/guides/purchase-orders.md',
  'docs/guides/files.md',
  'docs/guides/failed-runs.md',
  'docs/guides/library.md',
  'docs/packs.md',
];
let postgres: TestPostgres;
let session: GuideSession;
beforeAll(async () => {
  postgres = await startPostgres();
  session = await GuideSession.open({ WAREHOUSE_URL: await postgres.createDatabase() });
  // The package as a reader has installed it, though not built: its door is the source.
  const installed = path.join(session.folder, 'node_modules', 'coupa-snap-pack');
  mkdirSync(installed, { recursive: true });
  symlinkSync(path.resolve('src/host.ts'), path.join(installed, 'host.ts'));
  writeFileSync(path.join(installed, 'package.json'), '{ "type": "module", "exports": "./host.ts" }');
  writeFileSync(path.join(session.folder, 'package.json'), '{ "type": "module" }');
});
afterAll(async () => {
  await session.close();
  await postgres.stop();
});

/** What went otherwise than a step of a guide promises; undefined when nothing did. */
async function faultOf({ block, promised = '' }: Step, shell = session): Promise<string | undefined> {
  const { output, codes } = await shell.run(block.text);
  const broken = promised === '' ? undefined : firstBroken(promised, output);
  // A failure that the guide shows is part of it; any other is not.
  const failed = promised.includes('\nCode: SNAP_') ? [] : codes.filter((code) => !code.startsWith('0: '));
  if (broken === undefined && failed.length === 0) return undefined;
  return [`line ${block.line}: ${broken ?? 'a command failed'}`, ...failed, output].join('\n');
}

describe('a reader of the README', () => {
  it('gets what it says', async () => {
    const shell = await GuideSession.open();
    try {
      for (const step of stepsOf('README.md')) expect(await faultOf(step, shell)).toBeUndefined();
    } finally {
      await shell.close();
    }
  }, 120_000);
});

describe('a reader of the guides', () => {
  for (const file of guides) {
    it(`gets from ${file} what it says`, async () => {
      for (const { language, name, text } of fencesOf(file)) {
        if (language === 'ts') writeFileSync(path.join(session.folder, name), text);
      }
      for (const step of stepsOf(file)) expect(await faultOf(step)).toBeUndefined();
    }, 120_000);
  }
});
