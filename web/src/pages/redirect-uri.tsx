import type { ReactElement } from 'react';
import { api } from '../api.ts';
import { CopyButton } from '../components/copy-button.tsx';
import { LoadedView } from '../components/states.tsx';
import { useData } from '../use-data.ts';

/** The redirect URI exactly as it must be registered at the far side, ready to copy. */
export function RedirectUri(): ReactElement {
  const redirect = useData(api.redirectUri, 'redirect uri');
  return (
    <LoadedView loaded={redirect} lines={2}>
      {({ redirectUri, reachesThisHost, reason }) => (
        <div className="note redirect-uri">
          <p>Register this redirect URI with the client, exactly as it stands:</p>
          <p className="redirect-uri-line">
            <code>{redirectUri}</code>
            <CopyButton text={redirectUri} />
          </p>
          {reachesThisHost ? null : <p>It does not lead here: {reason}.</p>}
        </div>
      )}
    </LoadedView>
  );
}
