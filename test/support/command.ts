// Runs the command line as a process of its own, the way a person or a script does.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { expectCountsToAddUp } from './counts.ts';

const bin = path.resolve('bin/snaps.js');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON; fails the test when it is anything but one JSON value. */
  json(): unknown;
}

export interface CommandOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly input?: string;
  /** Leaves standard input open for the test to write to. */
  readonly keepsInput?: boolean;
  /** Arguments of Node itself, before the file. */
  readonly nodeArguments?: readonly string[];
}

export interface StartedCommand {
  readonly child: ChildProcess;
  readonly finished: Promise<CommandResult>;
  /** Resolves with the first line of standard output that matches; rejects when the process ends before it. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `snaps ...words` with no SNAPS_ variable of the test's own environment. */
export function startCommand(words: readonly string[], options: CommandOptions = {}): StartedCommand {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SNAPS_') && name !== 'NODE_OPTIONS',
  );
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), bin, ...words], {
    cwd: options.directory ?? process.cwd(),
    env: { ...Object.fromEntries(inherited), ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (!options.keepsInput) child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const finished = new Promise<CommandResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      try {
        if (stdout.startsWith('{')) expectCountsToAddUp(JSON.parse(stdout));
      } catch (error) {
        // What is no JSON is for the test to judge.
        if (!(error instanceof SyntaxError)) reject(error);
      }
      resolve({ code, stdout, stderr, json: () => JSON.parse(stdout) });
    });
  });
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stdout);
        if (found) resolve(found);
      };
      child.stdout.on('data', look);
      look();
      finished.then(
        ({ code }) => reject(new Error(`ended with ${code} before ${pattern}: ${stdout}${stderr}`)),
        reject,
      );
    });
  return { child, finished, line };
}

/** Runs `snaps ...words` to its end. */
export function runCommand(words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return startCommand(words, options).finished;
}
