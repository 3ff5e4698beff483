// Owns the documents that leave a child run: kept in a file beside the outputs until the run that asked for them has completed.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Batch, Document } from '../document/document.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { readBytes, unpackedBytesMaxDefault } from './file-text.ts';
import { readLines } from './read-json.ts';
import { createWriteFile } from './write-file.ts';

/** Documents that are given on together. */
const batchDocuments = 50;

/** The folder of the documents that the runs of one snap give. */
export function childFolder(outputDirectory: string, parentRunId: string, snapId: string): string {
  return path.resolve(outputDirectory, `.${parentRunId}.${snapId}.children`);
}

/** A destination that keeps documents as exactly as core.write-file does; the run's report does not list the file. */
export function createChildCollector(folder: string, runId: string): SnapExecutor {
  const writer = createWriteFile({ outputDirectory: folder, allowPaths: false, targets: new Set() });
  return {
    ...{ snapshot: writer.snapshot?.bind(writer), close: writer.close?.bind(writer) },
    run: (context) =>
      writer.run({
        ...context,
        resolve: async () => ({ path: fileName(runId), format: 'ndjson' }),
        addOutput: () => undefined,
      }),
  } as SnapExecutor;
}

/** The documents that a collector has kept, in order. */
export async function* readChildDocuments(folder: string, runId: string, signal: AbortSignal): AsyncGenerator<Batch> {
  const file = path.join(folder, fileName(runId));
  let batch: Document[] = [];
  let index = 0;
  for await (const { json } of readLines(
    readBytes(file, { isPacked: false, unpackedBytesMax: unpackedBytesMaxDefault, signal }),
  )) {
    batch.push(Document.fromJson(json, { snap: runId, index }));
    index += 1;
    if (batch.length < batchDocuments) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export async function removeChildDocuments(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

const fileName = (runId: string): string => `${runId}.ndjson`;
