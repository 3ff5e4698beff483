// Owns loading the pipelines that a pipeline names: files beside its own, or pipelines of the store; bounded, and never in a circle.
import path from 'node:path';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { SnapError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import { type ChildPipeline, type ChildPipelines, childSettings, runsPipeline } from '../pipeline/child-pipeline.ts';
import { loosen, readPipelineFile } from '../pipeline/pipeline-file.ts';
import type { Store } from '../store/contract.ts';

/** Pipelines within pipelines: a snap that runs one that runs one, and so on. */
const depthMax = 5;
/** Pipelines that one pipeline may name, directly and through others. */
const pipelinesMax = 100;

export interface ChildLoading {
  readonly registry: PackRegistry;
  readonly openStore: () => Promise<Store>;
}

/** Where a pipeline stands: its file, or its name in the store; neither for one that was handed in. */
export interface PipelinePlace {
  readonly file?: string | undefined;
  readonly saved?: string | undefined;
}

/** Loads every pipeline that this one names, directly or through others. What cannot be loaded is told where it is looked up; nothing is thrown. */
export async function loadChildren(
  pipeline: JsonValue,
  place: PipelinePlace,
  loading: ChildLoading,
): Promise<ChildPipelines> {
  return await new Loader(loading).load(pipeline, place, []);
}

class Loader {
  readonly #loading: ChildLoading;
  #pipelines = 0;

  constructor(loading: ChildLoading) {
    this.#loading = loading;
  }

  /** `trail` holds the pipelines that lead here, the outermost first. */
  async load(pipeline: JsonValue, place: PipelinePlace, trail: readonly string[]): Promise<ChildPipelines> {
    const found = new Map<string, ChildPipeline | string>();
    const own = [...trail, keyOf(place)];
    for (const reference of this.#references(pipeline)) found.set(reference, await this.#find(reference, place, own));
    return (reference) => found.get(reference) ?? `the pipeline "${reference}" was not loaded`;
  }

  #references(pipeline: JsonValue): ReadonlySet<string> {
    const { snaps, errorPipeline } = loosen(pipeline);
    const named = snaps.flatMap((entry) => {
      const isRunning = entry !== undefined && runsPipeline(this.#loading.registry.snaps.get(entry.snap));
      return isRunning ? [childSettings(entry)?.pipeline ?? ''] : [];
    });
    // An error pipeline's own error pipeline never runs.
    return new Set([...named, ...(errorPipeline === undefined ? [] : [errorPipeline])].filter((name) => name !== ''));
  }

  async #find(reference: string, from: PipelinePlace, trail: readonly string[]): Promise<ChildPipeline | string> {
    const isFile = reference.endsWith('.json');
    if (isFile && from.file === undefined) {
      return `"${reference}" is a file, and this pipeline is in none that it could be beside; name a saved pipeline`;
    }
    const place = isFile ? { file: path.resolve(path.dirname(from.file ?? ''), reference) } : { saved: reference };
    const key = keyOf(place);
    if (trail.includes(key)) {
      const names = [...trail.slice(trail.indexOf(key)), key].map((each) => path.basename(each));
      return `closes a circle of pipelines: ${names.join(' -> ')}`;
    }
    if (trail.length > depthMax) return `stands more than ${depthMax} pipelines deep`;
    this.#pipelines += 1;
    if (this.#pipelines > pipelinesMax) return `is one of more than ${pipelinesMax} pipelines that belong together`;
    try {
      const pipeline = isFile ? readPipelineFile(place.file ?? '') : await this.#saved(reference);
      if (pipeline === undefined) return `there is no saved pipeline "${reference}"; a file's name ends in .json`;
      const children = await this.load(pipeline, place, trail);
      return { title: reference, pipeline, children, ...(isFile ? { file: place.file ?? '' } : {}) };
    } catch (thrown) {
      if (!(thrown instanceof SnapError)) throw thrown;
      return `${thrown.message} ${thrown.reason}`;
    }
  }

  async #saved(name: string): Promise<JsonObject | undefined> {
    const store = await this.#loading.openStore();
    return (await store.pipelines.find(name))?.pipeline;
  }
}

/** Tells places apart; '' for a pipeline that was handed in, which nothing can name. */
function keyOf({ file, saved }: PipelinePlace): string {
  return file !== undefined ? `file:${file}` : saved === undefined ? '' : `saved:${saved}`;
}
