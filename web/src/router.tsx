// Owns where the person is: the path behind the # of the address. Going somewhere moves the focus to the page's heading.
import { type AnchorHTMLAttributes, type ReactElement, useSyncExternalStore } from 'react';

export interface Route {
  /** Decoded segments: ['runs', 'ID']. Empty on the home page. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** The route of the address as it is now. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash);
  return parseRoute(hash);
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/u, '').split('?', 2);
  const segments = path.split('/').filter((segment) => segment !== '');
  return { path: segments.map(decodeSegment), query: new URLSearchParams(query) };
}

/** The address of a route: href('runs', id) is "#/runs/ID". */
export function href(...path: readonly string[]): string {
  return `#/${path.map(encodeURIComponent).join('/')}`;
}

export function go(...path: readonly string[]): void {
  location.hash = href(...path);
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  readonly to: readonly string[];
}

export function Link({ to, children, ...rest }: LinkProps): ReactElement {
  return (
    <a {...rest} href={href(...to)}>
      {children}
    </a>
  );
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** A person can type anything into the address: what does not decode stays as it is and is found nowhere. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
