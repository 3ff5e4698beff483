// Owns the form of an account: generated from its type. A secret is written here and never read back.
import { type ReactElement, useId, useState } from 'react';
import type { JsonObject } from '../../../src/document/json.ts';
import type { AccountTypeView, AccountView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { LoadedView } from '../components/states.tsx';
import { SchemaForm } from '../form/schema-form.tsx';
import { type Problem, problemOf } from '../problem.ts';
import { go, href } from '../router.tsx';
import { useData } from '../use-data.ts';
import { RedirectUri } from './redirect-uri.tsx';

export default function NewAccountPage(): ReactElement {
  const types = useData(api.accountTypes, 'account types');
  return (
    <Page title="Add an account">
      <LoadedView loaded={types} lines={8}>
        {(list) => <NewAccountForm types={list} />}
      </LoadedView>
    </Page>
  );
}

function NewAccountForm({ types }: { readonly types: readonly AccountTypeView[] }): ReactElement {
  const id = useId();
  const [typeId, setTypeId] = useState(types[0]?.id ?? '');
  const [name, setName] = useState('');
  const type = types.find((candidate) => candidate.id === typeId);
  if (type === undefined) return <p>No loaded pack has an account type.</p>;
  const save = async (settings: JsonObject, secrets: Readonly<Record<string, string>>): Promise<void> => {
    const account = await api.addAccount({ name: name.trim(), type: type.id, settings, secrets });
    go('accounts', account.name);
  };
  return (
    <section className="card narrow">
      {types.length === 1 ? null : (
        <div className="field">
          <label className="field-label" htmlFor={`${id}-type`}>
            Type
          </label>
          <select
            id={`${id}-type`}
            className="input"
            value={typeId}
            onChange={(event) => setTypeId(event.target.value)}
          >
            {types.map((candidate) => (
              <option key={candidate.id} value={candidate.id}>
                {candidate.title}
              </option>
            ))}
          </select>
        </div>
      )}
      <p className="muted">{type.description}</p>
      <div className="field">
        <label className="field-label" htmlFor={`${id}-name`}>
          Name
        </label>
        <input
          id={`${id}-name`}
          className="input"
          value={name}
          autoComplete="off"
          spellCheck={false}
          maxLength={64}
          aria-describedby={`${id}-name-help`}
          onChange={(event) => setName(event.target.value)}
        />
        <p className="field-help" id={`${id}-name-help`}>
          What pipelines call this account: letters, digits, ".", "_" and "-".
        </p>
      </div>
      <AccountFields key={typeId} type={type} save={save} />
    </section>
  );
}

interface AccountFieldsProps {
  readonly type: AccountTypeView;
  /** The stored account when it is changed. */
  readonly account?: AccountView;
  readonly save: (settings: JsonObject, secrets: Readonly<Record<string, string>>) => Promise<void>;
}

/** The generated fields with their save button; faults of the host stand beside the fields that they are about. */
export function AccountFields({ type, account, save }: AccountFieldsProps): ReactElement {
  const [value, setValue] = useState<JsonObject>(account?.settings ?? {});
  const [problem, setProblem] = useState<Problem>();
  const stored = Object.entries(account?.secrets ?? {}).flatMap(([name, { set }]) => (set ? [name] : []));
  const submit = async (): Promise<void> => {
    try {
      setProblem(undefined);
      const { settings, secrets } = divide(type.settings, value);
      await save(settings, secrets);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <SchemaForm
      schema={type.settings}
      value={value}
      storedSecrets={stored}
      faults={problem?.faults ?? []}
      onChange={setValue}
      onSubmit={() => void submit()}
    >
      {value.grant === 'authorization_code' ? <RedirectUri /> : null}
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <div className="form-actions">
        <a className="button" href={href('accounts', ...(account === undefined ? [] : [account.name]))}>
          Cancel
        </a>
        <Button type="submit" kind="primary">
          {account === undefined ? 'Add the account' : 'Save'}
        </Button>
      </div>
    </SchemaForm>
  );
}

/** Secrets travel apart from settings, so that no list of settings can ever hold one. */
function divide(schema: JsonObject, value: JsonObject): { settings: JsonObject; secrets: Record<string, string> } {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonObject>>;
  const isSecret = (name: string): boolean => properties[name]?.['x-sensitive'] === true;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return {
    settings: Object.fromEntries(entries.filter(([name]) => !isSecret(name))),
    secrets: Object.fromEntries(
      entries.filter(([name]) => isSecret(name)).map(([name, member]) => [name, String(member)]),
    ),
  };
}
