// Owns building the web page in a checkout: when it is missing or older than its sources. A published package brings it along.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ExecutionError } from '../errors.ts';

const sourcesMax = 5_000;

/** True when the page must be built: there are sources and the tool for it, and no build is newer than they are. */
export function mustBuildPage(root: string): boolean {
  const sources = path.join(root, 'web');
  if (!existsSync(sources) || !existsSync(viteOf(root))) return false;
  const built = path.join(root, 'dist', 'web', 'index.html');
  if (!existsSync(built)) return true;
  const builtAt = statSync(built).mtimeMs;
  return readdirSync(sources, { recursive: true, withFileTypes: true })
    .slice(0, sourcesMax)
    .some((entry) => entry.isFile() && statSync(path.join(entry.parentPath, entry.name)).mtimeMs > builtAt);
}

/** Builds the page. Throws SNAP_INTERNAL with the last words of the tool. */
export async function buildPage(root: string): Promise<void> {
  const child = spawn(process.execPath, [viteOf(root), 'build', 'web', '--logLevel', 'error'], {
    cwd: root,
    // A test runner says "test" here, and the page would be built with the slow half of its libraries.
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const words: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => words.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  if (code === 0) return;
  throw new ExecutionError('SNAP_INTERNAL', 'The web page could not be built.', {
    reason: Buffer.concat(words).toString('utf8').trim().slice(-2_000) || `the build ended with ${code}`,
    resolution: 'run "npm ci", then "npm run build"',
  });
}

const viteOf = (root: string): string => path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
