// Takes the bundled Node out of package.json while a package is packed, and puts it back (--restore): whoever installs the
// published package brings a Node of their own.
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const manifest = path.join(path.dirname(import.meta.dirname), 'package.json');
const original = `${manifest}.original`;

if (process.argv.includes('--restore')) {
  if (existsSync(original)) renameSync(original, manifest);
} else {
  copyFileSync(manifest, original);
  const { optionalDependencies: _, ...published } = JSON.parse(readFileSync(manifest, 'utf8'));
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
}
