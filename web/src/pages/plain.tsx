// Owns the pages that hold nothing: nobody is signed in, or nothing is at this address.
import type { ReactElement } from 'react';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { Empty } from '../components/states.tsx';
import type { Problem } from '../problem.ts';
import { Link } from '../router.tsx';

export function SignedOutPage({ problem }: { readonly problem: Problem | undefined }): ReactElement {
  return (
    <main className="signed-out">
      <p className="brand">
        <span className="brand-mark" aria-hidden="true" />
        snaps
      </p>
      <h1>You are not signed in</h1>
      <p>
        Open the address that <code>snaps serve</code> printed in its terminal. Each address works once, and a fresh one
        is printed after it is used.
      </p>
      {problem === undefined ? null : <ErrorCard problem={problem} />}
    </main>
  );
}

export function NotFoundPage(): ReactElement {
  return (
    <Page title="Nothing is here">
      <Empty icon="search" title="This address leads nowhere.">
        <Link to={[]}>Go to the home page</Link>
      </Empty>
    </Page>
  );
}
