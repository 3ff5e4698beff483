// Owns the dialog of one snap: what it does, what it reads and gives, with which account. Nothing changes before Done.
import { type ReactElement, useMemo, useRef, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { AccountView } from '../../../src/host/host.ts';
import { AccountBadge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Tabs } from '../components/tabs.tsx';
import { SchemaForm } from '../form/schema-form.tsx';
import type { Fault } from '../problem.ts';
import { Link } from '../router.tsx';
import { designerUi, settingsLeftOut } from './fields/designer-ui.ts';
import type { DesignerFormContext } from './fields/form-context.ts';
import { designerFields } from './fields/index.ts';
import { faultsWithin } from './model/faults.ts';
import type { SnapEntry } from './model/pipeline.ts';
import type { LinkEnds } from './model/views.ts';
import { type CatalogSnap, errorView, viewNames } from './model/views.ts';

interface SnapDialogProps {
  readonly entry: SnapEntry;
  /** Undefined when no loaded pack has the snap. */
  readonly snap: CatalogSnap | undefined;
  readonly faults: readonly Fault[];
  readonly accounts: readonly AccountView[];
  /** Previewed documents that reach it. */
  readonly documents: readonly JsonObject[];
  readonly parameters: JsonObject;
  /** Ids that other snaps have. */
  readonly taken: ReadonlySet<string>;
  readonly links: readonly LinkEnds[];
  readonly onDone: (entry: SnapEntry) => void;
  readonly onClose: () => void;
}

export function SnapDialog(props: SnapDialogProps): ReactElement {
  const { snap, faults, taken, onDone, onClose } = props;
  const [entry, setEntry] = useState(props.entry);
  const idFault = idFaultOf(entry.id, taken);
  const tabs = [
    {
      title: 'Settings',
      content: () => <SettingsTab {...props} entry={entry} onChange={setEntry} idFault={idFault} />,
    },
    { title: 'Views', content: () => <ViewsTab {...props} entry={entry} onChange={setEntry} /> },
    { title: 'Account', content: () => <AccountTab {...props} entry={entry} onChange={setEntry} /> },
    { title: 'Info', content: () => <InfoTab {...props} entry={entry} onChange={setEntry} /> },
  ];
  const own = faults.filter(({ pointer }) => !pointer.startsWith('/settings/'));
  return (
    <Dialog
      title={`${entry.title ?? entry.id}: ${snap?.title ?? entry.snap}`}
      onClose={onClose}
      isWide
      onConfirm={idFault === undefined ? () => onDone(entry) : undefined}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" disabled={idFault !== undefined} onClick={() => onDone(entry)}>
            Done
          </Button>
        </>
      }
    >
      {own.length === 0 ? null : (
        <ul className="designer-faults">
          {own.map(({ pointer, message }) => (
            <li key={`${pointer} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      <Tabs label="Parts of the snap" tabs={tabs} />
    </Dialog>
  );
}

interface TabProps extends Omit<SnapDialogProps, 'onDone' | 'onClose'> {
  readonly onChange: (entry: SnapEntry) => void;
}

function SettingsTab(props: TabProps & { readonly idFault: string | undefined }): ReactElement {
  const { entry, snap, onChange, idFault, faults } = props;
  return (
    <div className="form-fields">
      <div className="designer-names">
        <div className={idFault === undefined ? 'field' : 'field field-wrong'}>
          <label className="field-label" htmlFor="snap-id">
            ID
          </label>
          <input
            id="snap-id"
            className="input"
            spellCheck={false}
            value={entry.id}
            onChange={(event) => onChange({ ...entry, id: event.target.value })}
          />
          {idFault === undefined ? null : <p className="field-fault">{idFault}</p>}
        </div>
        <div className="field">
          <label className="field-label" htmlFor="snap-title">
            Title<span className="field-optional"> optional</span>
          </label>
          <input
            id="snap-title"
            className="input"
            value={entry.title ?? ''}
            onChange={(event) => onChange(withMember(entry, 'title', event.target.value))}
          />
        </div>
      </div>
      {snap === undefined ? (
        <p className="note note-warn">No loaded pack has the snap {entry.snap}; its settings stay as they are.</p>
      ) : (
        <SettingsForm {...props} snap={snap} faults={faultsWithin(faults, '/settings')} />
      )}
    </div>
  );
}

function SettingsForm(props: TabProps & { readonly snap: CatalogSnap }): ReactElement {
  const { entry, snap, onChange, documents, parameters, faults } = props;
  const settings = entry.settings ?? {};
  const resource = snap.resourceSetting === undefined ? undefined : settings[snap.resourceSetting];
  const { account } = entry;
  const latest = useRef(settings);
  latest.current = settings;
  const context: DesignerFormContext = useMemo(
    () => ({
      snap,
      documents,
      parameters,
      account,
      currentSettings: () => latest.current,
      resource: typeof resource === 'string' ? resource : undefined,
    }),
    [snap, documents, parameters, account, resource],
  );
  const leftOut = settingsLeftOut(snap.settings, settings).join(' ');
  const uiSchema = useMemo(() => designerUi(snap.settings, leftOut.split(' ').filter(Boolean)), [snap, leftOut]);
  if (Object.keys((snap.settings.properties ?? {}) as JsonObject).length === 0)
    return <p className="muted">Nothing is to be set.</p>;
  return (
    <SchemaForm
      schema={snap.settings}
      value={settings}
      faults={faults}
      extraFields={designerFields}
      uiSchema={uiSchema}
      context={context}
      onChange={(value) => onChange({ ...entry, settings: value })}
    />
  );
}

const policies = { stop: 'End the run', discard: 'Drop the document', route: 'Send it to the error view' } as const;
const executions = {
  always: 'Always',
  'execute-only': 'Not on a preview',
  disabled: 'Not at all, with everything behind it',
} as const;

function ViewsTab({ entry, snap, links, onChange }: TabProps): ReactElement {
  const catalog = new Map(snap === undefined ? [] : [[snap.id, snap]]);
  const linked = (ends: readonly string[]): string => (ends.length === 0 ? 'not linked' : ends.join(', '));
  return (
    <div className="form-fields">
      <dl className="designer-facts">
        {viewNames('input', entry, catalog).map((view) => (
          <Fact key={view} name={`Input ${view}`}>
            {linked(links.filter((link) => link.to === entry.id).map((link) => `from ${link.from}.${link.fromView}`))}
          </Fact>
        ))}
        {[...viewNames('output', entry, catalog), errorView].map((view) => (
          <Fact key={view} name={view === errorView ? 'Error view' : `Output ${view}`}>
            {linked(
              links.filter((link) => link.from === entry.id && link.fromView === view).map((link) => `to ${link.to}`),
            )}
          </Fact>
        ))}
      </dl>
      <Choice
        id="snap-errors"
        label="A document that fails"
        choices={policies}
        standard="stop"
        value={entry.errors}
        onChange={(value) => onChange(withMember(entry, 'errors', value))}
        help="Failed documents of an error view that is not linked are kept with the run."
      />
      <Choice
        id="snap-execution"
        label="Runs"
        choices={executions}
        standard={snap?.category === 'write' ? 'execute-only' : 'always'}
        value={entry.execution}
        onChange={(value) => onChange(withMember(entry, 'execution', value))}
        help="A snap that writes is left out of previews unless this says otherwise."
      />
    </div>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly label: string;
  readonly choices: Readonly<Record<string, string>>;
  readonly standard: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly help: string;
}

function Choice({ id, label, choices, standard, value, onChange, help }: ChoiceProps): ReactElement {
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <select id={id} className="input" value={value ?? ''} onChange={(event) => onChange(event.target.value)}>
        <option value="">Default: {choices[standard]}</option>
        {Object.entries(choices).map(([key, title]) => (
          <option key={key} value={key}>
            {title}
          </option>
        ))}
      </select>
      <p className="field-help">{help}</p>
    </div>
  );
}

function AccountTab({ entry, snap, accounts, onChange }: TabProps): ReactElement {
  const types = snap?.accountTypes ?? [];
  if (types.length === 0) return <p className="muted">This snap takes no account.</p>;
  const fitting = accounts.filter(({ type }) => types.includes(type));
  const chosen = accounts.find(({ name }) => name === entry.account);
  return (
    <div className="form-fields">
      <div className="field">
        <label className="field-label" htmlFor="snap-account">
          Account
        </label>
        <select
          id="snap-account"
          className="input"
          value={entry.account ?? ''}
          onChange={(event) => onChange(withMember(entry, 'account', event.target.value))}
        >
          <option value="">Choose</option>
          {entry.account === undefined || fitting.some(({ name }) => name === entry.account) ? null : (
            <option value={entry.account}>{entry.account}: not among the accounts that fit</option>
          )}
          {fitting.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <p className="field-help">Of type {types.join(' or ')}.</p>
      </div>
      {chosen === undefined ? null : (
        <p>
          <AccountBadge account={chosen} />
        </p>
      )}
      <p>
        <Link to={['accounts']}>Manage accounts</Link>
      </p>
    </div>
  );
}

function InfoTab({ entry, snap, documents }: TabProps): ReactElement {
  return (
    <div className="form-fields">
      <p>{snap?.description ?? 'No loaded pack has this snap.'}</p>
      <dl className="designer-facts">
        <Fact name="Snap">{entry.snap}</Fact>
        {snap === undefined ? null : <Fact name="Pack">{snap.pack}</Fact>}
        {snap === undefined ? null : <Fact name="Category">{snap.category}</Fact>}
        <Fact name="Documents previewed before it">{String(documents.length)}</Fact>
      </dl>
      {snap?.documentation === undefined ? null : (
        <p>
          Documentation: <code>{snap.documentation}</code>
        </p>
      )}
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: string }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A member that is left empty is left out of the file. */
function withMember(entry: SnapEntry, name: 'title' | 'account' | 'errors' | 'execution', value: string): SnapEntry {
  const { [name]: _before, ...rest } = entry;
  return (value === '' ? rest : { ...rest, [name]: value }) as SnapEntry;
}

function idFaultOf(id: string, taken: ReadonlySet<string>): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,59}$/u.test(id))
    return 'Letters, digits, hyphens and underscores, a letter first, at most 60.';
  return taken.has(id) ? 'Another snap has this ID.' : undefined;
}
