// Offers the pipelines that are kept in the store: names checked, versions counted, nobody's change written over.
import type { JsonValue } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { PipelineRow, Store } from '../store/contract.ts';
import type { SavedPipeline, SavedPipelines } from './host.ts';
import { isName, nameLengthMax, nameRule } from './names.ts';

const versionsListedMax = 200;

/** The saved pipelines over a store that is opened when first asked. */
export function createSavedPipelines(openStore: () => Promise<Store>): SavedPipelines {
  const show = async (name: string, version?: number): Promise<SavedPipeline> => {
    const row = await (await openStore()).pipelines.find(name, version);
    if (row === undefined) throw notFound(name, version);
    return row;
  };
  return {
    list: async (): Promise<readonly PipelineRow[]> => await (await openStore()).pipelines.list(),
    show,
    save: async ({ name, pipeline, layout, basedOn }) => {
      checkName(name, pipeline.name);
      const outcome = await (await openStore()).pipelines.save({ name, pipeline, layout, basedOn });
      if (outcome === 'done') return await show(name);
      throw new ConfigurationError('SNAP_PIPELINE_STALE', `The pipeline "${name}" was not saved.`, {
        reason:
          outcome === 'exists'
            ? 'a pipeline of that name is there already'
            : 'it was saved or removed since it was opened',
        resolution: outcome === 'exists' ? 'choose another name' : 'load it again, or save it under another name',
      });
    },
    versions: async (name) => {
      await show(name);
      const rows = await (await openStore()).pipelines.versions(name, versionsListedMax);
      return rows.map(({ version, savedAt, pipeline }) => ({ version, savedAt, snaps: lengthOf(pipeline.snaps) }));
    },
    remove: async (name) => {
      if (!(await (await openStore()).pipelines.remove(name))) throw notFound(name, undefined);
    },
  };
}

function checkName(name: string, inside: JsonValue | undefined): void {
  const rule = nameRule(nameLengthMax);
  if (isName(name, nameLengthMax) && inside === name) return;
  throw new ConfigurationError('SNAP_PIPELINE_INVALID', `The pipeline "${name}" was not saved.`, {
    reason: inside === name ? `a name ${rule}` : 'the name inside the pipeline is another one',
    resolution: 'correct the name',
    faults: [{ pointer: '/name', message: rule }],
  });
}

function notFound(name: string, version: number | undefined): ConfigurationError {
  return new ConfigurationError('SNAP_PIPELINE_NOT_FOUND', `There is no saved pipeline "${name}".`, {
    reason: version === undefined ? 'the store has none of that name' : `the store has no version ${version} of it`,
    resolution: 'see the list of pipelines',
  });
}

const lengthOf = (value: JsonValue | undefined): number => (Array.isArray(value) ? value.length : 0);
