// Owns regenerating checked-in files, and with --check comparing instead of writing. Files that nothing generates any more are removed.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateCoupa } from './coupa/generate.ts';
import { generateHostTypes } from './host-types.ts';
import { generateReference } from './reference.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Folders that hold generated files only. */
const ownedFolders = ['schemas/coupa/objects', 'src/generated/coupa', 'src/generated/host', 'docs/reference'];

/** Gives every generated file by its path relative to the repository. */
export async function generateAll(folder = root): Promise<Map<string, string>> {
  return new Map([
    ...(await generateCoupa()),
    ...(await generateHostTypes(folder)),
    ...(await generateReference(folder)),
  ]);
}

const readText = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

/** Gives the paths whose file differs from what would be generated, missing and left-over files included. */
export async function findDifferences(files: ReadonlyMap<string, string>, folder = root): Promise<readonly string[]> {
  const changed = await Promise.all(
    [...files].map(async ([path, text]) => ((await readText(join(folder, path))) === text ? [] : [path])),
  );
  const present = await Promise.all(
    ownedFolders.map(async (owned) => {
      const names = await readdir(join(folder, owned)).catch(() => []);
      return names.map((name) => `${owned}/${name}`);
    }),
  );
  return [...changed.flat(), ...present.flat().filter((path) => !files.has(path))].sort();
}

/** Writes what differs and removes what is left over. */
export async function writeDifferences(files: ReadonlyMap<string, string>, folder = root): Promise<readonly string[]> {
  const paths = await findDifferences(files, folder);
  for (const path of paths) {
    const text = files.get(path);
    if (text === undefined) {
      await rm(join(folder, path));
      continue;
    }
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return paths;
}

if (import.meta.main) {
  const files = await generateAll();
  const isCheck = process.argv.includes('--check');
  const paths = isCheck ? await findDifferences(files) : await writeDifferences(files);
  for (const path of paths) console.log(`${isCheck ? 'differs' : 'wrote'}  ${path}`);
  if (isCheck && paths.length > 0) {
    console.error(`${paths.length} generated files differ from their sources: run "npm run generate"`);
    process.exitCode = 1;
  }
}
