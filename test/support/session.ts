// Signs in at a web host as its page does, without a browser.
import type { RunningServer } from '../../src/server/server.ts';

export interface PageHeaders extends Readonly<Record<string, string>> {
  readonly origin: string;
  readonly cookie: string;
  readonly 'x-snaps-page': string;
}

/** Gives the headers of a page that is signed in by the address that the host told. */
export async function signIn(server: RunningServer, signInUrl: string): Promise<PageHeaders> {
  const answer = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { origin: server.url, 'content-type': 'application/json' },
    body: JSON.stringify({ token: signInUrl.split('#sign-in=')[1] }),
  });
  const { pageToken } = (await answer.json()) as { pageToken: string };
  return {
    origin: server.url,
    cookie: String(answer.headers.getSetCookie()[0]).split(';')[0] ?? '',
    'x-snaps-page': pageToken,
  };
}
