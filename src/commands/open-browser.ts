// Opens an address in the person's browser, as far as this machine can.
import { spawn } from 'node:child_process';

const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  // Not "start": cmd would read "&" in the address as the end of the command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Resolves false when there is nothing to open it with; true says only that a program was started. */
export function openBrowser(address: string): Promise<boolean> {
  const [program = 'xdg-open', ...words] = openers[process.platform] ?? [];
  return new Promise((resolve) => {
    const child = spawn(program, [...words, address], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
