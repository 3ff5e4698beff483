// Owns the token that this page holds. The cookie alone opens nothing: the host asks for this token with each request.

const storageKey = 'snaps-page-token';
let listeners: readonly (() => void)[] = [];

export const pageTokenHeader = 'x-snaps-page';

/** The token of this window; '' when nobody is signed in. */
export function pageToken(): string {
  return sessionStorage.getItem(storageKey) ?? '';
}

export function isSignedIn(): boolean {
  return pageToken() !== '';
}

export function keepPageToken(token: string): void {
  sessionStorage.setItem(storageKey, token);
  for (const listener of listeners) listener();
}

export function forgetPageToken(): void {
  if (!isSignedIn()) return;
  sessionStorage.removeItem(storageKey);
  for (const listener of listeners) listener();
}

/** Tells about sign-in and sign-out; gives what ends it. */
export function onSession(listener: () => void): () => void {
  listeners = [...listeners, listener];
  return () => {
    listeners = listeners.filter((other) => other !== listener);
  };
}
