// Owns the walk of a page request: session, login, form token, page, answer. The pages themselves are in pages/.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { html } from './pages/html.ts';
import type { Page } from './pages/layout.ts';
import { pageHeaders, renderPage } from './pages/layout.ts';
import { stylesheet } from './pages/stylesheet.ts';
import { hasToken, type PersonSession, PersonSessions } from './person-sessions.ts';
import { routes } from './routes.ts';

/** One request to a page. */
export interface Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  readonly session: PersonSession;
  /** The posted fields; empty for a GET. */
  readonly form: URLSearchParams;
  /** The last part of the path, for routes that end in one. */
  readonly id: string;
}

/** What a page handler gives back: a page with its status, or the place to go to. */
export type Answer = { readonly status?: number; readonly page: Page } | { readonly location: string };

export interface SiteRoute {
  readonly method: 'GET' | 'POST';
  /** Exact path, or a prefix ending in `/:id`. */
  readonly path: string;
  /** Open routes serve people who are not logged in. */
  readonly isOpen?: boolean;
  readonly answer: (visit: Visit) => Answer | Promise<Answer>;
}

const formBytesMax = 256 * 1024;

export class Site {
  readonly sessions = new PersonSessions();
  readonly #routes: readonly SiteRoute[];

  constructor(routesOf: (sessions: PersonSessions) => readonly SiteRoute[]) {
    this.#routes = routesOf(this.sessions);
  }

  /** Answers a page request; false when no page has that method and path. */
  async handle(req: IncomingMessage, res: ServerResponse, url: URL): Promise<boolean> {
    if (req.method === 'GET' && url.pathname === routes.stylesheet) {
      res.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'x-content-type-options': 'nosniff' });
      res.end(stylesheet);
      return true;
    }
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const matches = this.#routes.filter((route) => idIn(route.path, url.pathname) !== undefined);
    const route = matches.find((each) => each.method === method);
    if (!route) return false;
    const session = this.sessions.open(req, res);
    const visit = { req, res, url, session, form: new URLSearchParams(), id: idIn(route.path, url.pathname) ?? '' };
    send(res, session, await answer(route, visit));
    return true;
  }
}

async function answer(route: SiteRoute, visit: Visit): Promise<Answer> {
  if (!route.isOpen && !visit.session.person) {
    // A lost session sends the person to the form's page again, never to a POST.
    const back = route.method === 'GET' ? `${visit.url.pathname}${visit.url.search}` : visit.url.pathname;
    return { location: `${routes.login}?${new URLSearchParams({ return_to: back })}` };
  }
  if (route.method === 'GET') return await route.answer(visit);
  const form = await readForm(visit.req);
  if (!form) return message(413, 'Form too large', `A form may hold ${formBytesMax} bytes.`);
  if (!hasToken(visit.session, form)) {
    return message(
      403,
      'Form expired',
      'The form does not belong to this session. Go back, reload the page and send it again.',
    );
  }
  return await route.answer({ ...visit, form });
}

/** A page that only says something. */
export function message(status: number, title: string, text: string): Answer {
  return { status, page: { title, body: html`<p>${text}</p>` } };
}

async function readForm(req: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > formBytesMax) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function idIn(path: string, pathname: string): string | undefined {
  if (!path.endsWith('/:id')) return path === pathname ? '' : undefined;
  const prefix = path.slice(0, -':id'.length);
  if (!pathname.startsWith(prefix)) return undefined;
  const id = pathname.slice(prefix.length);
  return /^[\w.~-]+$/u.test(id) ? id : undefined;
}

function send(res: ServerResponse, session: PersonSession, given: Answer): void {
  if ('location' in given) {
    res.writeHead(303, { ...pageHeaders(), location: given.location });
    res.end();
    return;
  }
  const person = session.person && { name: session.person.name, csrf: session.csrf };
  res.writeHead(given.status ?? 200, pageHeaders(given.page.formTarget));
  res.end(renderPage({ person, ...given.page }));
}
