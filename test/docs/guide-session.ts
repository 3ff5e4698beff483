// Owns a person at a shell who works through guides: one folder, one bash, a `snaps` on the path, and what each block printed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCommand } from '../support/command.ts';

const fixture = (name: string): string => path.resolve('test/docs/fixtures', name);
/** Where guides say the simulator and a webhook are; here they are wherever a port is free. */
const guidePorts = ['9000', '9200'];
/** Commands that go on until somebody ends them; guides give each a terminal of its own. */
const goesOn = /^snaps (?:simulator start|serve)\b/u;

export interface BlockResult {
  readonly output: string;
  /** Exit codes of the block's snaps commands, each with its words. */
  readonly codes: readonly string[];
}

export class GuideSession {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'snaps-guides-'));
  readonly #server: ChildProcess;
  readonly #shell: ChildProcess;
  readonly #ports: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #others: ReturnType<typeof startCommand>[] = [];
  #printed = '';
  #runId = '';

  /** Opens a session with these variables; the caller closes it. */
  static async open(variables: Readonly<Record<string, string>> = {}): Promise<GuideSession> {
    const session = new GuideSession(await freePorts(guidePorts.length), variables);
    if (session.#server.stdout) await once(session.#server.stdout, 'data');
    return session;
  }

  private constructor(ports: readonly string[], variables: Readonly<Record<string, string>>) {
    this.#ports = ports;
    const bin = path.join(this.folder, '.bin');
    const socket = path.join(bin, 'socket');
    mkdirSync(bin);
    symlinkSync(path.resolve('examples'), path.join(this.folder, 'examples'));
    const snaps = path.join(bin, 'snaps');
    const client = `"${process.execPath}" "${fixture('command-client.ts')}" "${socket}" "$@"`;
    writeFileSync(snaps, `#!/bin/sh\n${client}\ncode=$?\necho "$code: snaps $*" >> "${bin}/codes"\nexit $code\n`);
    chmodSync(snaps, 0o755);
    const searched = [bin, path.dirname(process.execPath), process.env.PATH ?? ''].join(path.delimiter);
    this.#environment = { SNAPS_DATA_DIR: path.join(bin, 'data'), ...variables };
    const env = { PATH: searched, HOME: this.folder, LANG: 'C.UTF-8', ...this.#environment };
    this.#server = spawn(process.execPath, [fixture('command-server.ts'), socket], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // A group of its own, so that whatever a guide leaves running ends with it.
    this.#shell = spawn('bash', ['--noprofile', '--norc'], {
      cwd: this.folder,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#shell.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#printed += chunk;
    });
  }

  /** Runs a block as a reader would paste it. RUN=... becomes the id of the run that was last told of. */
  async run(block: string): Promise<BlockResult> {
    const code = replaceEach(block, guidePorts, this.#ports).replace(/^RUN=\S+/gmu, `RUN=${this.#runId}`);
    if (goesOn.test(code)) return { output: await this.#start(code), codes: [] };
    const codes = path.join(this.folder, '.bin', 'codes');
    rmSync(codes, { force: true });
    const script = path.join(this.folder, '.bin', 'block.sh');
    writeFileSync(script, code);
    const raw = await this.#source(script);
    this.#runId = [...raw.matchAll(/Run ([\da-f-]{36}) of/gu)].at(-1)?.[1] ?? this.#runId;
    return {
      output: this.#asInGuide(raw),
      codes: existsSync(codes) ? readFileSync(codes, 'utf8').trimEnd().split('\n') : [],
    };
  }

  async #source(script: string): Promise<string> {
    this.#printed = '';
    this.#shell.stdin?.write(`source "${script}" </dev/null 2>&1; printf '\\036'\n`);
    while (!this.#printed.endsWith('\u001e')) {
      if (this.#shell.exitCode !== null) throw new Error(`the shell ended: ${this.#printed}`);
      if (this.#shell.stdout) await once(this.#shell.stdout, 'data');
    }
    return this.#printed.slice(0, -1);
  }

  async #start(code: string): Promise<string> {
    const words = code.replace(/#.*/u, '').trim().split(/\s+/u).slice(1);
    const started = startCommand(words, { directory: this.folder, environment: this.#environment });
    this.#others.push(started);
    const [line = ''] = await started.line(/^.*http:\/\/127\.0\.0\.1:\d+.*$/mu);
    return this.#asInGuide(line);
  }

  #asInGuide(text: string): string {
    return replaceEach(text, this.#ports, guidePorts).replaceAll(this.folder, '/home/you');
  }

  async close(): Promise<void> {
    for (const { child } of this.#others) child.kill('SIGTERM');
    await Promise.all(this.#others.map(({ finished }) => finished));
    if (this.#shell.pid !== undefined) process.kill(-this.#shell.pid, 'SIGKILL');
    this.#server.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function replaceEach(text: string, these: readonly string[], those: readonly string[]): string {
  return these.reduce((replaced, from, index) => replaced.replaceAll(from, those[index] ?? from), text);
}

/** Ports that nobody listens on now. All are held until the last is known, so that no two are the same. */
async function freePorts(count: number): Promise<string[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(listeners.map((listener) => listener.listening || once(listener, 'listening')));
  const ports = listeners.map((listener) => {
    const address = listener.address();
    return typeof address === 'object' && address !== null ? String(address.port) : '';
  });
  for (const listener of listeners) listener.close();
  return ports;
}
