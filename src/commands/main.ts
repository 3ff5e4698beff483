// The command line's door: hands the arguments to oclif and prints whatever went wrong, once, in one form.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { flush, run, settings } from '@oclif/core';
import type { PJSON } from '@oclif/core/interfaces';
import { printFailure } from './failure.ts';

/** Runs one command line. `root` is the folder of package.json. Sets the exit code and lets the process end by itself. */
export async function main(argv: readonly string[], root: string): Promise<void> {
  // "snaps resource list | head" closes the pipe early: nobody reads on, so there is nothing left to do.
  process.stdout.on('error', (thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'EPIPE') process.exit();
  });
  // Node strips the types itself: oclif must not look for a transpiler.
  settings.enableAutoTranspile = false;
  const extension = path.extname(import.meta.filename);
  const packageJson = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as PJSON;
  const pjson: PJSON = {
    ...packageJson,
    oclif: {
      ...packageJson.oclif,
      commands: {
        strategy: 'explicit',
        target: path.relative(root, path.join(import.meta.dirname, `index${extension}`)),
        identifier: 'commands',
      },
    },
  };
  try {
    await run([...argv], { root, pjson });
    await flush();
  } catch (thrown) {
    process.exitCode = printFailure(thrown, argv);
  }
}
