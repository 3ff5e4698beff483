// Owns one pipeline on its canvas: what is loaded, what is saved, and which dialog is open.
import { ReactFlowProvider } from '@xyflow/react';
import { type ReactElement, useEffect, useMemo, useReducer, useState } from 'react';
import type { AccountView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { declaredParameters, type GivenParameters, missingParameters } from '../components/parameter-inputs.tsx';
import { LoadedView } from '../components/states.tsx';
import { ApiError, type Problem, problemOf } from '../problem.ts';
import { useData } from '../use-data.ts';
import { Canvas } from './canvas.tsx';
import { CatalogPanel } from './catalog-panel.tsx';
import { Dock } from './dock.tsx';
import { completeLayout } from './model/arrange.ts';
import { designerReducer, startState } from './model/designer-state.ts';
import { asJson, type Draft, emptyDraft, type Place, readLayout, readPipeline } from './model/pipeline.ts';
import type { Catalog, CatalogSnap } from './model/views.ts';
import { type Open, OpenDialog } from './open-dialog.tsx';
import { Toolbar, type ToolbarActions } from './toolbar.tsx';
import { forgetUnsaved, keepUnsaved, unsavedDraft } from './unsaved.ts';
import { useClipboard, useKeys } from './use-keys.ts';
import { useActivity } from './use-run.ts';

interface Start {
  readonly catalog: Catalog;
  readonly accounts: readonly AccountView[];
  readonly draft: Draft;
  /** The version that the store has; 0 when it has none. */
  readonly version: number;
  readonly saved: string;
}

export function Editor({ name }: { readonly name: string }): ReactElement {
  const start = useData(() => load(name), `editor ${name}`);
  return (
    <LoadedView loaded={start} lines={10}>
      {(loaded) => (
        <ReactFlowProvider>
          <Workbench name={name} start={loaded} />
        </ReactFlowProvider>
      )}
    </LoadedView>
  );
}

async function load(name: string): Promise<Start> {
  const [views, accounts, saved] = await Promise.all([api.snaps(), api.accounts(), savedPipeline(name)]);
  const details = await Promise.all(views.map(({ id }) => api.snap(id)));
  const catalog = new Map(details.map((snap) => [snap.id, snap as CatalogSnap]));
  const stored = saved === undefined ? emptyDraft(name) : saved.draft;
  const { pipeline, layout } = unsavedDraft(name) ?? stored;
  return {
    catalog,
    accounts,
    draft: { pipeline: { ...pipeline, name }, layout: completeLayout(pipeline, layout) },
    version: saved?.version ?? 0,
    saved: saved === undefined ? '' : JSON.stringify(stored),
  };
}

/** What the store has under a name; undefined for a name that is new. */
async function savedPipeline(name: string): Promise<{ draft: Draft; version: number } | undefined> {
  try {
    const { pipeline: json, layout, newest } = await api.pipeline(name);
    const pipeline = readPipeline(json);
    return { draft: { pipeline, layout: completeLayout(pipeline, readLayout(layout)) }, version: newest };
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) return undefined;
    throw thrown;
  }
}

function Workbench({ name, start }: { readonly name: string; readonly start: Start }): ReactElement {
  const { catalog, accounts } = start;
  const [state, dispatch] = useReducer(designerReducer, start.draft, startState);
  const [open, setOpen] = useState<Open>();
  const [given, setGiven] = useState<GivenParameters>({});
  const { present: draft, selection } = state;
  const { activity, actions } = useActivity(draft.pipeline);
  const saving = useSaving(name, draft, start);
  const shown = useMemo(
    () => ({ draft, catalog, selection, faults: activity.faults, counts: activity.counts }),
    [draft, catalog, selection, activity.faults, activity.counts],
  );
  const add = (snap: CatalogSnap, place?: Place): void =>
    dispatch({ type: 'add', snap, catalog, account: onlyAccountFor(snap, accounts), ...(place && { place }) });
  const isModal = open !== undefined;
  useClipboard({ state, dispatch, isModal });
  const keys = useKeys({ state, dispatch, save: saving.save, isModal, onOpen: setOpen });
  const begin = (purpose: 'run' | 'preview', values: GivenParameters): void => {
    setGiven(values);
    void actions[purpose](values);
  };
  const { parameters } = draft.pipeline;
  // A run always asks for its parameters; a preview only for those that have no value at all.
  const asking: Pick<ToolbarActions, 'run' | 'preview'> = {
    run: () => (declaredParameters(parameters).length > 0 ? setOpen({ kind: 'run', purpose: 'run' }) : actions.run({})),
    preview: () =>
      missingParameters(parameters, given).length > 0
        ? setOpen({ kind: 'run', purpose: 'preview' })
        : actions.preview(given),
  };
  return (
    <section className="designer" aria-label="Designer" onKeyDown={keys}>
      <Page
        title={name}
        isWide
        actions={
          <Toolbar
            state={state}
            dispatch={dispatch}
            activity={activity}
            actions={{ ...actions, ...asking }}
            saving={saving}
            onOpen={setOpen}
          />
        }
      >
        {saving.problem === undefined ? null : <ErrorCard problem={saving.problem} />}
        <div className="designer-bench">
          <CatalogPanel catalog={catalog} onAdd={(snap) => add(snap)} />
          <Canvas
            shown={shown}
            dispatch={dispatch}
            onAdd={add}
            onEdit={(id) => setOpen({ kind: 'snap', id })}
            onLink={(key) => dispatch({ type: 'select', selection: { snaps: new Set(), links: new Set([key]) } })}
          />
        </div>
        <Dock
          draft={draft}
          catalog={catalog}
          activity={activity}
          selection={selection}
          onEdit={(id) => setOpen({ kind: 'snap', id })}
        />
        <p className="visually-hidden" aria-live="polite">
          {state.news}
        </p>
      </Page>
      {open === undefined ? null : (
        <OpenDialog
          open={open}
          name={name}
          draft={draft}
          catalog={catalog}
          accounts={accounts}
          activity={activity}
          dispatch={dispatch}
          given={given}
          onGo={begin}
          onClose={() => setOpen(undefined)}
        />
      )}
    </section>
  );
}

/** Where one account alone fits a snap there is nothing to choose. */
function onlyAccountFor(snap: CatalogSnap, accounts: readonly AccountView[]): string | undefined {
  const fitting = accounts.filter(({ type }) => snap.accountTypes.includes(type));
  return fitting.length === 1 ? fitting[0]?.name : undefined;
}

export interface Saving {
  readonly isChanged: boolean;
  readonly version: number;
  readonly problem: Problem | undefined;
  readonly save: () => Promise<void>;
}

/** Saves on demand; until then the draft stays in this window. */
function useSaving(name: string, draft: Draft, start: Start): Saving {
  const [saved, setSaved] = useState(start.saved);
  const [version, setVersion] = useState(start.version);
  const [problem, setProblem] = useState<Problem>();
  const text = useMemo(() => JSON.stringify(draft), [draft]);
  const isEmpty = draft.pipeline.snaps.length === 0 && version === 0;
  const isChanged = text !== saved && !isEmpty;
  useEffect(() => {
    if (isChanged) keepUnsaved(name, draft);
    else forgetUnsaved(name);
  }, [name, draft, isChanged]);
  const save = async (): Promise<void> => {
    try {
      const layout = Object.fromEntries(Object.entries(draft.layout).map(([id, { x, y }]) => [id, { x, y }]));
      const answer = await api.savePipeline(name, { pipeline: asJson(draft.pipeline), layout, basedOn: version });
      setVersion(answer.newest);
      setSaved(text);
      setProblem(undefined);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return { isChanged, version, problem, save };
}
