// Owns checking and starting pipelines: the file, the accounts it names, and the run that comes of it.
import path from 'node:path';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { checkPipeline, type PipelineEnvironment, planPipeline } from '../pipeline/check-pipeline.ts';
import { readPipelineFile } from '../pipeline/pipeline-file.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { plannedRequests } from '../snap/index.ts';
import type { Store } from '../store/contract.ts';
import { accountScopes } from './account-scopes.ts';
import type { GivenAccounts } from './given-accounts.ts';
import type { CheckOptions, PipelineCheck, PipelineRequests } from './host.ts';

/** A pipeline as it stands in a file, or as it was handed in. */
export interface PipelineSource {
  readonly file?: string;
  readonly pipeline?: JsonObject;
}

export interface PipelinesOptions {
  readonly registry: PackRegistry;
  readonly openStore: () => Promise<Store>;
  readonly given: GivenAccounts;
}

export class Pipelines {
  readonly #options: PipelinesOptions;

  constructor(options: PipelinesOptions) {
    this.#options = options;
  }

  /** All faults of a file. Accounts are looked up only when some are named: a check needs no store of its own. */
  async check(file: string, options: CheckOptions = {}): Promise<PipelineCheck> {
    const pipeline = readPipelineFile(file);
    const looksUp = Object.keys(options.accounts ?? {}).length > 0;
    const given = Object.keys(options.parameters ?? {}).length > 0;
    const faults = checkPipeline(pipeline, {
      ...(await this.#environment(options, looksUp)),
      trustsInferredScopes: true,
      ...(given ? { parameters: options.parameters ?? {} } : {}),
    });
    return { file, pipeline: nameOf(pipeline, file), faults };
  }

  /** Checks a file with its accounts and parameters. Throws SNAP_PIPELINE_INVALID with every fault; nothing is sent. */
  async plan(source: PipelineSource, options: CheckOptions): Promise<PipelinePlan> {
    const pipeline = readSource(source);
    const environment = await this.#environment(options, true);
    return planPipeline(pipeline, { ...environment, parameters: options.parameters ?? {} });
  }

  /** All faults of a pipeline that is in no file. */
  async checkDraft(pipeline: JsonObject, options: CheckOptions = {}): Promise<readonly Fault[]> {
    return checkPipeline(pipeline, { ...(await this.#environment(options, true)), trustsInferredScopes: true });
  }

  /** The requests that a checked pipeline means, with their scopes; nothing is sent. Throws SNAP_PIPELINE_INVALID. */
  async requests(file: string, options: CheckOptions): Promise<PipelineRequests> {
    const looksUp = Object.keys(options.accounts ?? {}).length > 0;
    const environment = await this.#environment(options, looksUp);
    const { name, snaps } = planPipeline(readPipelineFile(file), {
      ...environment,
      parameters: options.parameters ?? {},
    });
    const requests = snaps.flatMap(({ id, snap, settings, account = '' }) =>
      plannedRequests(this.#options.registry.pack(snap.pack), snap, settings).map((request) => ({
        id,
        snap: snap.id,
        account,
        ...request,
      })),
    );
    const scopes: Record<string, string[]> = {};
    for (const { account, scope } of requests) scopes[account] = [...new Set([...(scopes[account] ?? []), scope])];
    return { file, pipeline: name, requests, scopes };
  }

  async #environment({ accounts = {} }: CheckOptions, looksUp: boolean): Promise<PipelineEnvironment> {
    const { registry, openStore, given } = this.#options;
    if (!looksUp) return { registry, accounts };
    const store = await openStore();
    const rows = await store.accounts.list();
    const types = new Map(rows.map(({ name, type }) => [name, type]));
    const scopes = new Map(
      await Promise.all(
        rows.map(async (row) => [row.name, accountScopes(registry, row, await store.tokenSets.read(row.id))] as const),
      ),
    );
    const accountType = (name: string): string | undefined => types.get(name) ?? given.find(name)?.type;
    return { registry, accounts, accountType, accountScopes: (name) => scopes.get(name) };
  }
}

function readSource({ file, pipeline }: PipelineSource): JsonValue {
  if (pipeline !== undefined) return pipeline;
  if (file !== undefined) return readPipelineFile(file);
  throw new ConfigurationError('SNAP_PIPELINE_NOT_FOUND', 'There is no pipeline to run.', {
    reason: 'neither a file nor a pipeline was named, and no earlier run knows one',
    resolution: 'name a pipeline file',
  });
}

function nameOf(pipeline: JsonValue, file: string): string {
  const name = pipeline !== null && typeof pipeline === 'object' && 'name' in pipeline ? pipeline.name : undefined;
  return typeof name === 'string' ? name : path.basename(file);
}
