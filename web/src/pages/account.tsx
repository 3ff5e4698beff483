// Owns the page of one account: its state, what can be done with it, where it is used, its form.
import { type ReactElement, useState } from 'react';
import type { AccountTypeView, AccountView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { AccountBadge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { LoadedView } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { type Problem, problemOf } from '../problem.ts';
import { go } from '../router.tsx';
import { type Loaded, useData } from '../use-data.ts';
import { AccountFields } from './account-form.tsx';
import { AccountUsage } from './account-usage.tsx';
import { AccountWords, kindOf, TokenTime } from './accounts.tsx';
import { AuthorizePanel } from './authorize.tsx';

const refreshMs = 5_000;

export function AccountPage({ name }: { readonly name: string }): ReactElement {
  const account = useData(() => api.account(name), `account ${name}`, refreshMs);
  const types = useData(api.accountTypes, 'account types');
  return (
    <Page title={name} {...(account.data === undefined ? {} : { description: kindOf(account.data, types.data) })}>
      <LoadedView loaded={account} lines={8}>
        {(data) => <AccountDetail account={data} loaded={account} types={types.data} />}
      </LoadedView>
    </Page>
  );
}

interface AccountViewProps {
  readonly account: AccountView;
  readonly loaded: Loaded<AccountView>;
}

interface AccountDetailProps extends AccountViewProps {
  readonly types: readonly AccountTypeView[] | undefined;
}

function AccountDetail({ account, loaded, types }: AccountDetailProps): ReactElement {
  const type = types?.find(({ id }) => id === account.type);
  // A database is reached by its password: there is no token, no scope and nothing to authorize.
  const hasTokens = type === undefined || type.grants.length > 0;
  return (
    <>
      <section className="card" aria-label="State">
        <div className="card-head">
          <AccountBadge account={account} />
        </div>
        {hasTokens ? <TokenTime account={account} /> : null}
        <AccountWords account={account} />
        <div className="account-actions">
          {hasTokens ? <AuthorizePanel account={account} onDone={loaded.reload} /> : null}
          <TestButton name={account.name} />
        </div>
      </section>
      <section className="card">
        <Tabs
          label="About this account"
          tabs={[
            { title: 'Used by', content: () => <AccountUsage account={account} /> },
            ...(hasTokens ? [{ title: 'Scopes', content: () => <Scopes account={account} /> }] : []),
            { title: 'Settings', content: () => <Settings account={account} type={type} loaded={loaded} /> },
            { title: 'Remove', content: () => <Remove account={account} /> },
          ]}
        />
      </section>
    </>
  );
}

function TestButton({ name }: { readonly name: string }): ReactElement {
  const [outcome, setOutcome] = useState<{ readonly words: string } | { readonly problem: Problem }>();
  const test = async (): Promise<void> => {
    try {
      setOutcome(undefined);
      const { status, durationMs } = await api.testAccount(name);
      setOutcome({
        words: `It works: the far side answered${status === null ? '' : ` ${status}`} in ${durationMs} ms.`,
      });
    } catch (thrown) {
      setOutcome({ problem: problemOf(thrown) });
    }
  };
  return (
    <>
      <Button icon="check" onClick={test}>
        Test
      </Button>
      <div className="test-outcome" role="status">
        {outcome === undefined ? null : 'words' in outcome ? (
          <p className="note note-good">{outcome.words}</p>
        ) : (
          <ErrorCard problem={outcome.problem} />
        )}
      </div>
    </>
  );
}

/** Scopes that were asked for and granted; one that was not granted is what most refusals come from. */
function Scopes({ account }: { readonly account: AccountView }): ReactElement {
  const asked = String(account.settings.scopes ?? '')
    .split(' ')
    .filter((scope) => scope !== '');
  const granted = account.token?.scopes ?? null;
  if (asked.length === 0 && granted === null) {
    return <p className="muted">The account asks for no scopes by name; the authorization server decides.</p>;
  }
  const all = [...new Set([...asked, ...(granted ?? [])])].toSorted();
  return (
    <ul className="plain-list">
      {all.map((scope) => (
        <li key={scope}>
          <code>{scope}</code>{' '}
          <span className="muted">
            {granted === null
              ? 'asked for'
              : granted.includes(scope)
                ? 'granted'
                : 'missing: asked for, but not granted'}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface SettingsProps extends AccountViewProps {
  readonly type: AccountTypeView | undefined;
}

function Settings({ account, type, loaded }: SettingsProps): ReactElement {
  const [isSaved, setSaved] = useState(false);
  if (type === undefined) return <p className="muted">The pack of this account type is not loaded.</p>;
  const hasTokens = type.grants.length > 0;
  return (
    <div className="narrow">
      {hasTokens ? (
        <p className="muted">A change of the instance or the client clears what is stored for it: secret and tokens.</p>
      ) : null}
      <AccountFields
        key={account.updatedAt}
        type={type}
        account={account}
        save={async (settings, secrets) => {
          await api.changeAccount(account.name, { settings, secrets });
          setSaved(true);
          await loaded.reload();
        }}
      />
      <p role="status">{isSaved ? `Saved.${hasTokens ? ' Authorize the account to use it so.' : ''}` : ''}</p>
    </div>
  );
}

function Remove({ account }: { readonly account: AccountView }): ReactElement {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const remove = async (): Promise<void> => {
    try {
      await api.removeAccount(account.name);
      go('accounts');
    } catch (thrown) {
      setAsking(false);
      setProblem(problemOf(thrown));
    }
  };
  return (
    <>
      <p>Its tokens are revoked where the far side offers it, and everything about it is deleted here.</p>
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <p>
        <Button kind="danger" icon="trash" onClick={() => setAsking(true)}>
          Remove this account
        </Button>
      </p>
      {isAsking ? (
        <Dialog
          title={`Remove ${account.name}?`}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Keep it</Button>
              <Button kind="danger" onClick={remove}>
                Remove
              </Button>
            </>
          }
        >
          <p>Pipelines that use it will not run until an account of that name is there again.</p>
        </Dialog>
      ) : null}
    </>
  );
}
