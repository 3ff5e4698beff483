// Owns the list of accounts: state and time left at a glance.
import type { ReactElement } from 'react';
import type { AccountTypeView, AccountView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { AccountBadge } from '../components/badge.tsx';
import { Guided } from '../components/guided.tsx';
import { Icon } from '../components/icon.tsx';
import { Page } from '../components/page.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { formatDistance, formatMoment, sentence } from '../format.ts';
import { href, Link } from '../router.tsx';
import { useData } from '../use-data.ts';
import { AccountPage } from './account.tsx';

const refreshMs = 5_000;

export default function AccountsPage({ path }: { readonly path: readonly string[] }): ReactElement {
  const [name] = path;
  return name === undefined ? <AccountList /> : <AccountPage key={name} name={name} />;
}

function AccountList(): ReactElement {
  const accounts = useData(api.accounts, 'accounts', refreshMs);
  const types = useData(api.accountTypes, 'account types');
  return (
    <Page
      title="Accounts"
      description="Each is access to one tenant or database. Secrets are sealed and never shown again."
      actions={accounts.data?.length === 0 ? null : <AddLink />}
    >
      <LoadedView loaded={accounts} lines={6}>
        {(list) =>
          list.length === 0 ? (
            <section className="card">
              <Empty icon="accounts" title="No account yet.">
                <p>An account lets pipelines read and write on your behalf.</p>
                <AddLink />
              </Empty>
            </section>
          ) : (
            <ul className="account-list">
              {list.map((account) => (
                <AccountCard key={account.name} account={account} kind={kindOf(account, types.data)} />
              ))}
            </ul>
          )
        }
      </LoadedView>
    </Page>
  );
}

function AddLink(): ReactElement {
  return (
    <a className="button button-primary" href={href('add-account')}>
      <Icon name="plus" size={18} />
      Add an account
    </a>
  );
}

function AccountCard({ account, kind }: { readonly account: AccountView; readonly kind: string }): ReactElement {
  return (
    <li className="card account-card">
      <div className="card-head">
        <h2>
          <Link to={['accounts', account.name]}>{account.name}</Link>
        </h2>
        <AccountBadge account={account} />
      </div>
      <p className="muted">{kind}</p>
      <TokenTime account={account} />
      <AccountWords account={account} />
    </li>
  );
}

const needs: Readonly<Partial<Record<AccountView['state'], string>>> = {
  'needs-authorization': 'Its authorization was taken back or has ended. Authorize it again, and its pipelines go on.',
  misconfigured: 'The client or its secret was not accepted. Correct them under Settings, then authorize it.',
};

/** Why an account is not well, and what will need a person. What goes wrong after that says nothing new. */
export function AccountWords({ account }: { readonly account: AccountView }): ReactElement {
  const { state, stateReason } = account;
  const need = needs[state];
  const warnings = need === undefined ? account.warnings : [];
  return (
    <>
      {need === undefined ? null : <p className="note note-warn">{need}</p>}
      {stateReason === '' ? null : <p className="muted">{sentence(stateReason)}</p>}
      {warnings.map((warning) => (
        <p key={warning} className="note note-warn">
          <Guided text={sentence(warning)} />
        </p>
      ))}
    </>
  );
}

/** What an account is and where it leads: "Coupa OAuth2, acme.coupahost.com". */
export function kindOf({ type, settings }: AccountView, types: readonly AccountTypeView[] | undefined): string {
  const known = types?.find(({ id }) => id === type);
  const [place] = Array.isArray(known?.settings.required) ? known.settings.required : [];
  const where = settings[String(place)];
  return `${known?.title ?? type}${typeof where === 'string' ? `, ${where.replace(/^https?:\/\//u, '')}` : ''}`;
}

/** Grants that only a person can repeat; with every other one the account fetches its next token itself. */
const personGrants = new Set(['authorization_code', 'device_code']);

/** How long the token still serves, and what happens then. */
export function TokenTime({
  account: { token, state, settings },
}: {
  readonly account: AccountView;
}): ReactElement | null {
  if (token === null) return state === 'new' ? <p className="muted">Authorize it for pipelines to use it.</p> : null;
  // What was stored may look well, but the far side no longer takes it.
  if (state === 'needs-authorization' || state === 'misconfigured') return null;
  const { expiresAt, hasRefreshToken, refreshExpiresAt } = token;
  const isOver = Date.parse(expiresAt) <= Date.now();
  const renews = hasRefreshToken || !personGrants.has(String(settings.grant));
  return (
    <p className="muted">
      <time dateTime={expiresAt} title={formatMoment(expiresAt)}>
        {isOver ? 'Its token has ended' : `Its token ends ${formatDistance(expiresAt)}`}
      </time>
      {renews ? ' and renews itself' : '; then a person must authorize it again'}
      {refreshExpiresAt === null ? '' : ` until ${formatMoment(refreshExpiresAt)}`}.
    </p>
  );
}
