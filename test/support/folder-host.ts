// A host over a folder of its own, in this process, for tests of pipelines that call nobody.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../src/document/json.ts';
import type { Host, RunReport, RunRequest } from '../../src/host/host.ts';
import { openHost, resolveConfig } from '../../src/host.ts';

export interface FolderHost {
  readonly host: Host;
  /** Where pipeline files and outputs are. */
  readonly folder: string;
  /** Writes NAME.pipeline.json and gives its path. */
  pipeline(name: string, content: JsonObject): string;
  /** Writes documents, one a line. */
  lines(name: string, documents: readonly JsonObject[]): void;
  read(name: string): readonly JsonObject[];
  /** Runs a pipeline file to its end. */
  run(file: string, more?: Partial<RunRequest>): Promise<RunReport>;
  close(): Promise<void>;
}

export async function openFolderHost(): Promise<FolderHost> {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-folder-'));
  const environment = { SNAPS_DATA_DIR: path.join(folder, '.data'), SNAPS_LOG_LEVEL: 'silent' };
  const host = await openHost(await resolveConfig({ directory: folder, environment }));
  const write = (name: string, text: string): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  return {
    host,
    folder,
    pipeline: (name, content) =>
      write(`${name}.pipeline.json`, JSON.stringify({ name: path.basename(name), ...content })),
    lines: (name, documents) => void write(name, documents.map((document) => `${JSON.stringify(document)}\n`).join('')),
    read: (name) =>
      readFileSync(path.join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JsonObject),
    run: async (file, more = {}) => {
      const handle = await host.startRun({ file, outputDirectory: folder, ...more });
      return await handle.finished;
    },
    close: async () => {
      await host.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
