// Owns the shell: sign-in, navigation, and which page stands in the middle.
import {
  type ComponentType,
  lazy,
  type ReactElement,
  Suspense,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { api } from './api.ts';
import { IconButton } from './components/button.tsx';
import { ErrorBoundary } from './components/error-boundary.tsx';
import { Icon, type IconName } from './components/icon.tsx';
import { Loading } from './components/states.tsx';
import { HomePage } from './pages/home.tsx';
import { NotFoundPage, SignedOutPage } from './pages/plain.tsx';
import { type Problem, problemOf } from './problem.ts';
import { Link, useRoute } from './router.tsx';
import { isSignedIn, onSession } from './session.ts';
import { applyTheme, chosenTheme, nextTheme } from './theme.ts';

type SectionPage = ComponentType<{ readonly path: readonly string[] }>;

interface Section {
  readonly title: string;
  readonly icon: IconName;
  readonly page: SectionPage;
}

/** The first word of an address is the page's own. Names that people give stand behind it, so that every name has an address. */
const sections: Readonly<Record<string, Section>> = {
  '': { title: 'Home', icon: 'home', page: HomePage },
  designer: { title: 'Designer', icon: 'designer', page: lazy(() => import('./designer/designer-page.tsx')) },
  runs: { title: 'Runs', icon: 'runs', page: lazy(() => import('./pages/runs.tsx')) },
  accounts: { title: 'Accounts', icon: 'accounts', page: lazy(() => import('./pages/accounts.tsx')) },
  schedules: { title: 'Schedules', icon: 'schedules', page: lazy(() => import('./pages/schedules.tsx')) },
  catalog: { title: 'Catalog', icon: 'catalog', page: lazy(() => import('./pages/catalog.tsx')) },
};

/** Pages that make something, and the section that they belong to. */
const makers: Readonly<Record<string, { readonly of: string; readonly page: SectionPage }>> = {
  'add-account': { of: 'accounts', page: lazy(() => import('./pages/account-form.tsx')) },
};

export function App(): ReactElement {
  const { path } = useRoute();
  const hasSession = useSyncExternalStore(onSession, isSignedIn);
  const signIn = useSignIn();
  if (signIn.isBusy) return <Loading label="Signing in" />;
  if (!hasSession) return <SignedOutPage problem={signIn.problem} />;
  const [name = '', ...rest] = path;
  const maker = Object.hasOwn(makers, name) ? makers[name] : undefined;
  const Current = maker?.page ?? (Object.hasOwn(sections, name) ? sections[name]?.page : undefined);
  return (
    <div className="shell">
      <button type="button" className="skip-link button" onClick={() => document.getElementById('content')?.focus()}>
        Skip to the content
      </button>
      <Navigation current={maker?.of ?? name} />
      <main className="content" id="content" tabIndex={-1}>
        <ErrorBoundary key={name}>
          <Suspense fallback={<Loading lines={8} />}>
            {Current === undefined ? <NotFoundPage /> : <Current path={rest} />}
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}

function Navigation({ current }: { readonly current: string }): ReactElement {
  const [theme, setTheme] = useState(chosenTheme());
  const switchTheme = (): void => {
    const next = nextTheme(theme);
    applyTheme(next);
    setTheme(next);
  };
  return (
    <nav className="navigation" aria-label="Main">
      <p className="brand">
        <span className="brand-mark" aria-hidden="true" />
        snaps
      </p>
      <ul className="navigation-list">
        {Object.entries(sections).map(([name, { title, icon }]) => (
          <li key={name}>
            <Link
              to={name === '' ? [] : [name]}
              className="navigation-link"
              aria-current={name === current ? 'page' : undefined}
            >
              <Icon name={icon} />
              <span>{title}</span>
            </Link>
          </li>
        ))}
      </ul>
      <div className="navigation-foot">
        <IconButton
          icon={theme === 'light' ? 'sun' : theme === 'dark' ? 'moon' : 'system'}
          label={`Colours: ${theme}. Switch to ${nextTheme(theme)}`}
          onClick={switchTheme}
        />
        <IconButton icon="signOut" label="Sign out" onClick={() => api.signOut().catch(() => undefined)} />
      </div>
    </nav>
  );
}

/** Uses the one-time token of the address, and takes it out of the address at once. */
function useSignIn(): { readonly isBusy: boolean; readonly problem: Problem | undefined } {
  const [token] = useState(takeSignInToken);
  const [outcome, setOutcome] = useState<{ isBusy: boolean; problem?: Problem }>({ isBusy: token !== undefined });
  useEffect(() => {
    if (token === undefined) return;
    let isCurrent = true;
    signInOnce(token).then(
      () => isCurrent && setOutcome({ isBusy: false }),
      (thrown: unknown) => isCurrent && setOutcome({ isBusy: false, problem: problemOf(thrown) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [token]);
  return { isBusy: outcome.isBusy, problem: outcome.problem };
}

let signingIn: { readonly token: string; readonly done: Promise<void> } | undefined;

/** A component may be mounted twice; the token serves once. */
function signInOnce(token: string): Promise<void> {
  if (signingIn?.token !== token) signingIn = { token, done: api.signIn(token) };
  return signingIn.done;
}

let taken: string | undefined;

function takeSignInToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('sign-in');
  if (token !== null) {
    taken = token;
    history.replaceState(null, '', '/');
  }
  return taken;
}
