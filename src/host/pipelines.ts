// Owns checking and starting pipelines: the file, the accounts it names, and the run that comes of it.
import path from 'node:path';
import { PartialFile } from '../core/partial-file.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { checkPipeline, type PipelineEnvironment, planPipeline, planSnaps } from '../pipeline/check-pipeline.ts';
import type { ChildPipelines } from '../pipeline/child-pipeline.ts';
import { readPipelineFile, withoutErrorPipeline } from '../pipeline/pipeline-file.ts';
import { expectLocked, lockFaults, lockFileOf, lockOf, readLock } from '../pipeline/pipeline-lock.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import { plannedRequests } from '../snap/index.ts';
import type { Store } from '../store/contract.ts';
import { accountScopes } from './account-scopes.ts';
import { loadChildren } from './child-pipelines.ts';
import type { GivenAccounts } from './given-accounts.ts';
import type { CheckOptions, LockedPipeline, PipelineCheck, PipelineRequests } from './host.ts';

/** A pipeline as it stands in a file, or as it was handed in. */
export interface PipelineSource {
  readonly file?: string;
  readonly pipeline?: JsonObject;
}

/** `isChild`: another pipeline runs it, so that an input may wait for documents. */
export interface PlanOptions extends Pick<CheckOptions, 'accounts'> {
  readonly parameters?: JsonObject;
  readonly isChild?: boolean;
  /** It runs as an error pipeline, and has none of its own then. */
  readonly isErrorPipeline?: boolean;
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
    const environment = {
      ...(await this.#environment(options, looksUp)),
      children: await this.#children(pipeline, file),
      trustsInferredScopes: true,
      ...(given ? { parameters: options.parameters ?? {} } : {}),
    };
    const faults = checkPipeline(pipeline, environment);
    const lock = faults.length > 0 ? undefined : readLock(file);
    if (lock === undefined) return { file, pipeline: nameOf(pipeline, file), faults };
    const plan = planSnaps(pipeline, environment);
    return { file, pipeline: plan.name, faults: lockFaults(lock, plan, this.#options.registry) };
  }

  /** Checks a file with its accounts and parameters. Throws SNAP_PIPELINE_INVALID with every fault; nothing is sent. */
  async plan(source: PipelineSource, options: PlanOptions): Promise<PipelinePlan> {
    const whole = readSource(source);
    const pipeline = options.isErrorPipeline ? withoutErrorPipeline(whole) : whole;
    const { accounts = {} } = options;
    const environment = await this.#environment({ accounts }, true);
    const { parameters = {}, isChild = false } = options;
    const children = await this.#children(pipeline, source.pipeline === undefined ? source.file : undefined);
    const plan = planPipeline(pipeline, { ...environment, children, isChild, parameters });
    if (source.pipeline === undefined && source.file !== undefined) {
      expectLocked(source.file, plan, this.#options.registry);
    }
    return plan;
  }

  /** Writes the lock beside a pipeline's file, in place of an older one. Throws SNAP_PIPELINE_INVALID, SNAP_FILE_FAILED. */
  async lock(file: string): Promise<LockedPipeline> {
    const { registry } = this.#options;
    const pipeline = readPipelineFile(file);
    const plan = planSnaps(pipeline, { registry, children: await this.#children(pipeline, file) });
    const lock = lockOf(plan, registry);
    const lockFile = lockFileOf(file);
    const text = new PartialFile(lockFile, 'lock');
    await text.open(0);
    await text.append(`${JSON.stringify(lock, undefined, 2)}\n`);
    await text.commit();
    const packs = [lock, lock.errorPipeline].flatMap((parts) => Object.entries(parts?.packs ?? {}));
    return {
      ...{ file, lockFile, pipeline: plan.name },
      packs: Object.fromEntries(packs.map(([name, { version }]) => [name, version])),
      parts: packs.reduce((sum, [, { uses }]) => sum + Object.keys(uses).length, 0),
    };
  }

  /** All faults of a pipeline that is in no file. */
  async checkDraft(pipeline: JsonObject, options: CheckOptions = {}): Promise<readonly Fault[]> {
    const children = await this.#children(pipeline, undefined);
    const environment = await this.#environment(options, true);
    return checkPipeline(pipeline, { ...environment, children, trustsInferredScopes: true });
  }

  /** The requests that a checked pipeline means, with their scopes; nothing is sent. Throws SNAP_PIPELINE_INVALID. */
  async requests(file: string, options: CheckOptions): Promise<PipelineRequests> {
    const looksUp = Object.keys(options.accounts ?? {}).length > 0;
    const environment = await this.#environment(options, looksUp);
    const pipeline = readPipelineFile(file);
    const { name, snaps, children } = planPipeline(pipeline, {
      ...environment,
      children: await this.#children(pipeline, file),
      parameters: options.parameters ?? {},
    });
    const requests = allSnaps(snaps, children).flatMap(({ id, snap, settings, account = '' }) =>
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

  /** The pipelines that one names; a saved pipeline has no file that others could be beside. */
  async #children(pipeline: JsonValue, file: string | undefined): Promise<ChildPipelines> {
    const name = file === undefined ? nameOf(pipeline, '') : '';
    const place = file === undefined ? { saved: name } : { file: path.resolve(file) };
    return await loadChildren(pipeline, place, this.#options);
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

/** The snaps of a plan and those of the pipelines that it runs, named `SNAP.CHILD`. */
function allSnaps(snaps: PipelinePlan['snaps'], children: PipelinePlan['children']): PipelinePlan['snaps'] {
  const inner = Object.entries(children).flatMap(([id, child]) =>
    allSnaps(child.snaps, child.children).map((planned) => ({ ...planned, id: `${id}.${planned.id}` })),
  );
  return [...snaps, ...inner];
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
