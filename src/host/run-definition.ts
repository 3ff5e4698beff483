// Owns what the store keeps of how a run was started, so that it can be run again.
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import type { AfterCrash, RunLimits } from '../pipeline/plan.ts';
import type { ReplayedDocument } from '../pipeline/replay.ts';
import type { RunRow } from '../store/contract.ts';
import type { RunRequest } from './host.ts';

/** What a resume needs to run the same thing again. */
export interface Definition {
  readonly file?: string;
  readonly pipeline?: JsonObject;
  readonly accounts: Readonly<Record<string, string>>;
  readonly parameters: JsonObject;
  readonly outputDirectory: string;
  readonly allowPaths: boolean;
  /** It was handed to workers, whose machines must see its output directory. */
  readonly isShared?: boolean;
  readonly afterCrash?: AfterCrash;
  /** Bounds that were given beside the pipeline's own. */
  readonly limits?: RunLimits;
  /** Of a replay: the run that the documents failed in, and the documents. */
  readonly replay?: { readonly of: string; readonly documents: readonly ReplayedDocument[] };
  /** Another run started it: its open input is fed. */
  readonly isChild?: boolean;
  /** Of a run of an error pipeline: JSON texts of the documents for its open input. */
  readonly texts?: readonly string[];
}

/** A resumed run keeps its files, accounts and parameters where nothing else is said; where its output is cannot change. */
export function definitionOf(request: RunRequest, resumed: RunRow | undefined): Definition {
  const before = resumed?.definition as Definition | undefined;
  const afterCrash = request.afterCrash ?? before?.afterCrash;
  const limits = { ...before?.limits, ...request.limits };
  return {
    ...sourceOf(request, before),
    accounts: { ...before?.accounts, ...request.accounts },
    parameters: { ...before?.parameters, ...request.parameters },
    outputDirectory: before?.outputDirectory ?? path.resolve(request.outputDirectory),
    allowPaths: before?.allowPaths ?? request.allowPaths ?? false,
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(afterCrash === undefined ? {} : { afterCrash }),
    ...(before?.isShared === undefined ? {} : { isShared: before.isShared }),
    ...(before?.replay === undefined ? {} : { replay: before.replay }),
    ...(before?.isChild === undefined ? {} : { isChild: before.isChild }),
    ...(before?.texts === undefined ? {} : { texts: before.texts }),
  };
}

/** A file may have been mended since; a pipeline that was handed in is kept as it was. */
function sourceOf(request: RunRequest, before: Definition | undefined): Pick<Definition, 'file' | 'pipeline'> {
  if (request.file !== undefined) return { file: path.resolve(request.file) };
  if (request.pipeline !== undefined) return { pipeline: request.pipeline };
  if (before?.pipeline !== undefined) return { pipeline: before.pipeline };
  return before?.file === undefined ? {} : { file: before.file };
}

/** What the pipeline was when the run was first started: a run that has no checkpoint yet is held to it too. */
export function fingerprintOfRow(row: RunRow): Readonly<Record<string, string>> {
  return row.definition.fingerprint as Readonly<Record<string, string>>;
}
