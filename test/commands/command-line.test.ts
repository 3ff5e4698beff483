import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/commands/index.ts';
import { runCommand, startCommand } from '../support/command.ts';

/** Makes the first process believe that it is an old Node, as a system's own often is. */
const asOldNode = ['--import', "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})"];

describe('the command line', () => {
  it('lists every topic and command of the contract in its help', async () => {
    const help = await runCommand(['--help']);
    expect(help.code).toBe(0);
    for (const word of [
      'account',
      'demo',
      'doctor',
      'key',
      'pack',
      'pipeline',
      'pkce',
      'resource',
      'run',
      'runs',
      'serve',
      'simulator',
      'snap',
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^ {2}${word} `, 'mu'));
    }
  });

  it('gives every command a summary and --json', () => {
    for (const [id, command] of Object.entries(commands)) {
      expect(command.summary, id).toMatch(/\.$/u);
      expect(command.enableJsonFlag, id).toBe(true);
    }
  });

  it('answers wrong usage with exit code 2, an error in four lines and no stack', async () => {
    for (const words of [
      ['nope'],
      ['run'],
      ['runs', 'list', '--limit', 'many'],
      ['runs', 'list', '--nope'],
      ['demo', 'more'],
    ]) {
      const wrong = await runCommand(words);
      expect(wrong.code, words.join(' ')).toBe(2);
      expect(wrong.stdout).toBe('');
      expect(wrong.stderr).toMatch(/^Error: .+\nCode: SNAP_USAGE\nReason: .+\nTry this: .+\n$/u);
    }
  });

  it('answers wrong usage with one JSON object when --json was asked for', async () => {
    const wrong = await runCommand(['runs', 'list', '--nope', '--json']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toBe('');
    expect(wrong.json()).toMatchObject({ error: { code: 'SNAP_USAGE' } });
  });

  it('makes a PKCE pair whose challenge is the S256 of its verifier', async () => {
    const { createHash } = await import('node:crypto');
    const pair = (await runCommand(['pkce', '--json'])).json() as { verifier: string; challenge: string };
    expect(pair.verifier).toMatch(/^[\w.~-]{43,128}$/u);
    expect(createHash('sha256').update(pair.verifier).digest('base64url')).toBe(pair.challenge);
  });
});

describe('the command line on an old Node', () => {
  it('imports only what Node 20 has: a name that it lacks ends the process before the first line', () => {
    const imports = [...readFileSync('bin/snaps.js', 'utf8').matchAll(/^import (.+) from '([^']+)';$/gmu)];
    expect(imports.map(([, names, from]) => `${from}: ${names}`)).toEqual([
      'node:child_process: { spawn }',
      'node:fs: { existsSync }',
      'node:os: { constants, homedir }',
      'node:path: path',
      'node:url: { fileURLToPath, pathToFileURL }',
    ]);
  });

  it('goes on with the Node that the checkout brought along, and passes the exit code on', async () => {
    const wrong = await runCommand(['nope', '--json'], { nodeArguments: asOldNode });
    expect(wrong.code).toBe(2);
    expect(wrong.json()).toMatchObject({ error: { code: 'SNAP_USAGE' } });
  });

  it('passes SIGTERM on', async () => {
    const started = startCommand(['simulator', 'start', '--records', '10'], { nodeArguments: asOldNode });
    await started.line(/^listening on http:\/\/127\.0\.0\.1:\d+$/mu);
    started.child.kill('SIGTERM');
    expect((await started.finished).code).toBe(0);
  });

  it('leaves no orphan when it is killed itself', async () => {
    const started = startCommand(['simulator', 'start', '--records', '10'], { nodeArguments: asOldNode });
    const [, url] = await started.line(/^listening on (\S+)$/mu);
    const children = readFileSync(`/proc/${started.child.pid}/task/${started.child.pid}/children`, 'utf8')
      .trim()
      .split(' ');
    expect(children.length).toBe(1);
    started.child.kill('SIGKILL');
    // The pipes close only when the last process that holds them has ended.
    await started.finished;
    expect(url).toBeDefined();
    expect(existsSync(`/proc/${children[0]}/exe`)).toBe(false);
  });
});

describe('snaps serve', () => {
  it('prints an address with a one-time sign-in token, and ends on SIGTERM', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'snaps-serve-'));
    try {
      const started = startCommand(['serve', '--port', '0'], { environment: { SNAPS_DATA_DIR: directory } });
      const [, url = '', token] = await started.line(/(http:\/\/127\.0\.0\.1:\d+)\/#sign-in=([\w-]{43})\s/u);
      expect(token).toBeDefined();
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect((await fetch(`${url}/api/runs`)).status).toBe(401);
      started.child.kill('SIGTERM');
      expect(await started.finished).toMatchObject({ code: 0, stderr: '' });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
