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
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <p>This page opens with a sign-in link. Each link works once, so an old one or a bookmark does not.</p>
      <h2>How to get a link</h2>
      <ul>
        <li>
          <strong>You started this host yourself:</strong> look at the terminal where <code>snaps serve</code> runs. Its
          newest line that begins with <code>Sign in</code> ends with the link. It serves for ten minutes; open it later
          than that, and a fresh one is printed below it.
        </li>
        <li>
          <strong>Somebody else runs it:</strong> ask that person for a new link. It is whoever gave you this address,{' '}
          <code>{location.host}</code>.
        </li>
        <li>
          <strong>That terminal is gone:</strong> whoever runs the host stops it and starts <code>snaps serve</code>{' '}
          again. Runs under way stop at their last checkpoint, and Resume on their page goes on with them.
        </li>
      </ul>
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
