// Owns which documents a replay sends back in: those that a run kept, or those that a person mended.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import type { ReplayedDocument } from '../pipeline/replay.ts';
import type { Store } from '../store/contract.ts';

const documentsMax = 10_000;
/** Characters of all documents of one replay together; they are kept with the run, so that it can be resumed. */
const charactersMax = 16 * 1024 * 1024;
const pageSize = 500;

/** The error documents that a run kept, but for those whose original was too large to keep: a person gives these by themselves. */
export async function keptErrors(store: Store, runId: string): Promise<readonly JsonObject[]> {
  const errors: JsonObject[] = [];
  for (let after = 0; errors.length <= documentsMax; ) {
    const page = await store.errorDocuments.list(runId, { after, limit: pageSize });
    errors.push(...page.map(({ document }) => document).filter(({ original }) => original !== undefined));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.sequence;
  }
  return errors;
}

/** Takes from each error document the snap and the original. Throws SNAP_USAGE with every fault. */
export function replayedDocuments(errors: readonly JsonObject[]): readonly ReplayedDocument[] {
  const faults: Fault[] = [];
  const documents = errors.map(({ snap, original }, index): ReplayedDocument => {
    const isObject = original !== null && typeof original === 'object' && !Array.isArray(original);
    if (typeof snap !== 'string') faults.push({ pointer: `/${index}/snap`, message: 'must be the id of a snap' });
    if (!isObject) faults.push({ pointer: `/${index}/original`, message: 'must be the document, a JSON object' });
    return { snap: String(snap), text: JSON.stringify(original ?? null) };
  });
  const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
  if (documents.length === 0) faults.push({ pointer: '', message: 'there is no error document to send back in' });
  if (documents.length > documentsMax || characters > charactersMax) {
    const message = `one replay takes at most ${documentsMax} documents of ${charactersMax} characters together`;
    faults.push({ pointer: '', message });
  }
  if (faults.length === 0) return documents;
  throw new ConfigurationError('SNAP_USAGE', 'There is nothing to replay as it stands.', {
    reason: faults[0]?.message ?? '',
    resolution: 'see the error documents with "snaps runs errors RUN"; give mended ones with --documents FILE',
    faults: faults.slice(0, 20),
  });
}
