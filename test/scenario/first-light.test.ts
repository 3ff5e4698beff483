import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

const example = path.resolve('examples/invoices-to-ndjson.pipeline.json');
const invoices = 20_000;

let tenant: Tenant;
let folder: string;
beforeEach(async () => {
  tenant = await openTenant(invoices);
  folder = tenant.folder;
});
afterEach(() => tenant.close());

const requestsServed = (): number => tenant.simulator.stats().requests;
const tokenRequests = (): number => tenant.simulator.stats().authorization.tokenRequests;

function idsOf(file: string): number[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(directory, name))
    .filter((name) => statSync(name).isFile());
}

describe('the demo', () => {
  it('runs the example over real sockets and leaves exactly the invoices, each once', async () => {
    const out = path.join(folder, 'out');
    const demo = await runCommand(['demo', '--records', '300', '--output-directory', out, '--json']);
    expect(demo.stderr).toBe('');
    expect(demo.code).toBe(0);
    const report = demo.json() as { state: string; outputs: { path: string; documents: number }[] };
    expect(report.state).toBe('completed');
    expect(report.outputs.map((output) => output.documents).toSorted((a, b) => b - a)).toEqual([300, 0]);
    const ids = idsOf(path.join(out, 'invoices.ndjson'));
    expect(new Set(ids).size).toBe(300);
  });

  it('tells a person what it did and what to try next', async () => {
    const demo = await runCommand(['demo', '--records', '60', '--output-directory', folder]);
    expect(demo.code).toBe(0);
    expect(demo.stdout).toContain('Try next:');
    expect(demo.stdout).toContain('invoices.ndjson: 60 documents');
  });
});

describe('a pipeline with five mistakes', () => {
  it('gets five messages with places and exit code 2, and no request is made', async () => {
    await tenant.addAccount();
    const file = path.join(folder, 'wrong.pipeline.json');
    writeFileSync(
      file,
      JSON.stringify({
        name: 'wrong',
        snaps: [
          { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoicez' } },
          { id: 'shape', snap: 'core.mapp', settings: {} },
          { id: 'pick', snap: 'core.filter', settings: { condition: 'a = = b' } },
          { id: 'write', snap: 'core.write-file', settings: { path: 'x', format: 'yaml' } },
        ],
        links: [
          ['read', 'pick'],
          ['pick', 'nobody'],
        ],
      }),
    );
    const before = requestsServed();
    for (const words of [
      ['run', file],
      ['pipeline', 'check', file],
    ]) {
      const refused = await tenant.snaps([...words, '--json']);
      expect(refused.code).toBe(2);
      const { error } = refused.json() as { error: { code: string; faults: { pointer: string; message: string }[] } };
      expect(error.code).toBe('SNAP_PIPELINE_INVALID');
      const pointers = error.faults.map((fault) => fault.pointer);
      for (const place of [
        '/snaps/0/settings/resource',
        '/snaps/1/snap',
        '/snaps/2/settings/condition',
        '/snaps/3/settings/format',
      ]) {
        expect(pointers).toContain(place);
      }
      expect(pointers.some((pointer) => pointer.startsWith('/links/1'))).toBe(true);
    }
    expect(requestsServed()).toBe(before);
  });
});

describe('an account', () => {
  it('with a wrong secret ends in exit code 3 with a message that names the account and says secret', async () => {
    await tenant.addAccount('not-the-secret-of-this-client');
    const refused = await tenant.snaps(['run', example]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('coupa');
    expect(refused.stderr).toMatch(/secret/iu);
    expect(refused.stderr).not.toContain('not-the-secret-of-this-client');
    expect(refused.stderr).not.toMatch(/\bat .+:\d+:\d+/u);
  });

  it('refuses a secret on the command line with exit code 2 and does not repeat it', async () => {
    for (const flag of [
      ['--set', 'clientSecret=canary-on-argv'],
      ['--secret', 'clientSecret=canary-on-argv'],
    ]) {
      const refused = await tenant.snaps([
        'account',
        'add',
        'a',
        '--type',
        'coupa.oauth2',
        '--set',
        'host=acme',
        ...flag,
      ]);
      expect(refused.code).toBe(2);
      expect(refused.stdout + refused.stderr).not.toContain('canary-on-argv');
    }
  });
});

describe('a run of 20,000 invoices', () => {
  it('writes every id once, asks for one token in two runs, and leaves the secret nowhere', async () => {
    const secret = await tenant.addAccount();
    const tokensBefore = tokenRequests();
    const first = tenant.start(['run', example, '--output-directory', 'out', '--json']);
    const commandLine = readFileSync(`/proc/${first.child.pid}/cmdline`, 'utf8');
    const done = await first.finished;
    expect(done.stderr).toBe('');
    expect(done.code).toBe(0);
    const ids = idsOf(path.join(folder, 'out', 'invoices.ndjson'));
    expect(ids.length).toBe(invoices);
    expect(new Set(ids).size).toBe(invoices);

    const later = ['--parameter', 'since=2999-01-01T00:00:00Z', '--output-directory', 'again'];
    const second = await tenant.snaps(['run', example, ...later, '--json']);
    expect(second.code).toBe(0);
    expect(tokenRequests() - tokensBefore).toBe(1);

    const listed = (await tenant.snaps(['runs', 'list', '--json'])).json() as { runId: string; state: string }[];
    expect(listed.map((run) => run.state)).toEqual(['completed', 'completed']);
    const shown = await tenant.snaps(['runs', 'show', listed[0]?.runId ?? '', '--json']);
    expect(shown.json()).toEqual(second.json());

    const printed = [done, second, shown].map((result) => result.stdout + result.stderr).join('');
    expect(commandLine + printed).not.toContain(secret);
    for (const file of filesUnder(folder)) expect(readFileSync(file).includes(secret), file).toBe(false);
  }, 120_000);
});
