// A tenant whose records change behind the reader's back, and pipelines that read it to NDJSON files.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject } from '../../src/document/json.ts';
import type { CommandResult, StartedCommand } from './command.ts';
import { openTenant, type Tenant } from './tenant.ts';

export interface Mutated {
  readonly inserted: readonly number[];
  readonly updated: readonly number[];
  readonly deleted: readonly number[];
}

export interface ReadingTenant extends Tenant {
  /** Changes records as another user would. */
  mutate(change: JsonObject): Promise<Mutated>;
  /** Makes the simulator play a fault. */
  fault(order: JsonObject): Promise<void>;
  /** Writes a pipeline that reads with these settings into NAME.ndjson; gives its file. */
  pipeline(name: string, settings: JsonObject, snap?: string): string;
  /** Runs a pipeline file into a folder of its own and gives the ids it wrote. Fails the test when the run fails. */
  ids(file: string, out: string, more?: readonly string[]): Promise<number[]>;
  startRun(file: string, out: string): StartedCommand;
}

export async function openReadingTenant(...options: Parameters<typeof openTenant>): Promise<ReadingTenant> {
  const [records, more] = options;
  const tenant = await openTenant(records, { control: true, ...more });
  await tenant.addAccount();
  const control = async (route: string, body: JsonObject): Promise<unknown> => {
    const answer = await fetch(`${tenant.simulator.url}/__control/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([body]),
    });
    if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
    return answer.json();
  };
  return {
    ...tenant,
    mutate: async (change) => ((await control('mutate', { resource: 'invoices', ...change })) as [Mutated])[0],
    fault: async (order) => void (await control('faults', order)),
    pipeline: (name, settings, snap = 'coupa.read') => {
      const file = path.join(tenant.folder, `${name}.pipeline.json`);
      const read = { id: 'read', snap, account: 'coupa', settings: { resource: 'invoices', ...settings } };
      const write = { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } };
      writeFileSync(file, JSON.stringify({ name, snaps: [read, write], links: [['read', 'write']] }));
      return file;
    },
    ids: async (file, out, words = []) => {
      const result = await tenant.snaps(['run', file, '--output-directory', out, '--json', ...words]);
      if (result.code !== 0) throw new Error(`the run failed: ${result.stdout}${result.stderr}`);
      return writtenIds(result);
    },
    startRun: (file, out) => tenant.start(['run', file, '--output-directory', out, '--json']),
  };
}

/** The ids in the first file that a run has made, in the file's order. */
export function writtenIds(result: CommandResult): number[] {
  const { outputs } = result.json() as { readonly outputs: readonly { readonly path: string }[] };
  const text = readFileSync(outputs[0]?.path ?? '', 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number((JSON.parse(line) as JsonObject).id));
}
