// Owns snaps filled in for a resource, ready to be pasted onto the canvas: one for each snap of the pack that serves it.
import { type ReactElement, useId, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import { api, type SnapDetail } from '../api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { LoadedView } from '../components/states.tsx';
import { useData } from '../use-data.ts';
import { readySnap } from './snap.tsx';

interface ReadySnapsProps {
  readonly resourceKey: string;
  readonly pack: string;
}

export function ReadySnaps({ resourceKey, pack }: ReadySnapsProps): ReactElement {
  const id = useId();
  const served = useData(() => snapsThatServe(resourceKey, pack), `ready ${pack} ${resourceKey}`);
  const [chosen, choose] = useState('');
  return (
    <LoadedView loaded={served} lines={6}>
      {(snaps) => {
        const snap = snaps.find((each) => each.id === chosen) ?? snaps[0];
        if (snap?.resourceSetting === undefined)
          return <p className="muted">No snap of the pack reads or writes this resource by itself.</p>;
        const text = JSON.stringify(filledFor(snap, snap.resourceSetting, resourceKey), null, 2);
        return (
          <>
            <div className="filters">
              <div className="field">
                <label className="field-label" htmlFor={id}>
                  Snap
                </label>
                <select id={id} className="input" value={snap.id} onChange={(event) => choose(event.target.value)}>
                  {snaps.map((each) => (
                    <option key={each.id} value={each.id}>
                      {each.title}
                    </option>
                  ))}
                </select>
              </div>
              <CopyButton text={text} label="Copy the snap" />
            </div>
            <pre className="log">{text}</pre>
            <p className="muted">Paste it onto the canvas of the designer with Ctrl+V, or into a pipeline file.</p>
          </>
        );
      }}
    </LoadedView>
  );
}

/** The snaps of a pack whose resource may be this one, as the host suggests it; reading ones first. */
async function snapsThatServe(resourceKey: string, pack: string): Promise<readonly SnapDetail[]> {
  const details = await Promise.all((await api.snaps()).map(({ id }) => api.snap(id)));
  const candidates = details.filter((snap) => snap.pack === pack && snap.resourceSetting !== undefined);
  const answers = await Promise.all(
    candidates.map(async ({ id, resourceSetting = '' }) =>
      api.suggestions(id, { setting: resourceSetting, settings: {}, text: resourceKey }),
    ),
  );
  const serving = candidates.filter((_snap, at) => answers[at]?.values.some(({ value }) => value === resourceKey));
  const rank = ({ category }: SnapDetail): number => (category === 'read' ? 0 : 1);
  return serving.sort((one, other) => rank(one) - rank(other));
}

function filledFor(snap: SnapDetail, setting: string, resourceKey: string): JsonObject {
  const ready = readySnap(snap);
  return { ...ready, settings: { ...(ready.settings as JsonObject), [setting]: resourceKey } };
}
