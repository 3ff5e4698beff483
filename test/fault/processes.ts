// Starts child processes of a test, listens to them, and ends every one of them afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface StartedProcess<Report> {
  readonly child: ChildProcess;
  /** Lets it begin. */
  go(): void;
  /** What it reported; undefined when it was killed. */
  readonly report: Promise<Report | undefined>;
}

/** The child processes of one test. */
export class Processes {
  readonly #started: { readonly child: ChildProcess; readonly report: Promise<unknown> }[] = [];

  /** Starts a fixture and waits until it says that it is ready. */
  async start<Report>(fixture: string, options: object): Promise<StartedProcess<Report>> {
    const script = fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url));
    const flags = ['--disable-warning=ExperimentalWarning', script, JSON.stringify(options)];
    const child = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: string[] = [];
    const reader = createInterface(child.stdout);
    const ready = once(reader, 'line');
    reader.on('line', (line) => lines.push(line));
    const report = once(reader, 'close').then(() =>
      lines[1] === undefined ? undefined : (JSON.parse(lines[1]) as Report),
    );
    this.#started.push({ child, report });
    await Promise.race([ready, once(child, 'exit')]);
    if (lines[0] !== 'ready') throw new Error(`${fixture} did not become ready`);
    return { child, go: () => child.stdin.write('go\n'), report };
  }

  /** Kills what is left and waits for its end. */
  async end(): Promise<void> {
    for (const { child } of this.#started) child.kill('SIGKILL');
    await Promise.all(this.#started.map(({ report }) => report));
  }
}

/** Waits until the process is stopped by SIGSTOP, as the kernel says. */
export async function untilStopped(child: ChildProcess): Promise<void> {
  for (;;) {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')) return;
    await delay(10);
  }
}

/** Waits until a condition holds; the time limit of the test bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(10);
}
