// Owns the login and home pages. Passwords are seeded and shown: this is a simulator, and says so.

import { findPerson, people } from '../people.ts';
import type { PersonSessions } from '../person-sessions.ts';
import { routes } from '../routes.ts';
import type { Answer, SiteRoute, Visit } from '../site.ts';
import { html } from './html.ts';
import { alert, csrfField } from './layout.ts';

export function loginRoutes(sessions: PersonSessions): readonly SiteRoute[] {
  return [
    { method: 'GET', path: routes.home, isOpen: true, answer: home },
    { method: 'GET', path: routes.login, isOpen: true, answer: (visit) => loginForm(visit, visit.url.searchParams) },
    { method: 'POST', path: routes.login, isOpen: true, answer: (visit) => login(visit, sessions) },
    { method: 'POST', path: routes.logout, isOpen: true, answer: (visit) => logout(visit, sessions) },
  ];
}

function home(): Answer {
  const body = html`<p>This is a simulated instance with an API under <code>/api</code> and the setup pages of its OAuth clients.</p>
<ul>
<li><a href="${routes.clients}">OAuth2/OpenID Connect clients</a>: create one, take its identifier and secret</li>
<li><a href="${routes.scopes}">Scopes</a>: which API permissions each scope gives</li>
<li><a href="${routes.device}">Connect a device</a>: enter the code of a device or command line</li>
</ul>`;
  return { page: { title: 'Simulated instance', body } };
}

function loginForm(visit: Visit, fields: URLSearchParams, problem?: string): Answer {
  const body = html`${alert(problem)}
<form method="post" action="${routes.login}" class="card narrow">
${csrfField(visit.session.csrf)}
<input type="hidden" name="return_to" value="${returnTo(fields)}">
<label for="login">Login</label>
<input id="login" name="login" value="${fields.get('login') ?? ''}" autocomplete="username" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<div class="actions"><button class="primary">Log in</button></div>
</form>
<p class="hint">People of this simulator, each as login / password: ${people.map(
    (person) => html`<br><code>${person.login}</code> / <code>${person.password}</code> (${person.name})`,
  )}</p>`;
  return { status: problem === undefined ? 200 : 401, page: { title: 'Log in', body } };
}

function login(visit: Visit, sessions: PersonSessions): Answer {
  const person = findPerson(visit.form.get('login') ?? '');
  if (!person || person.password !== visit.form.get('password')) {
    return loginForm(visit, visit.form, 'Login or password is wrong.');
  }
  sessions.login(visit.session, person.login, visit);
  return { location: returnTo(visit.form) };
}

function logout(visit: Visit, sessions: PersonSessions): Answer {
  sessions.logout(visit.session);
  // The authorization server has a session of its own, which would let the next person in as this one.
  const port = visit.req.socket.localPort ?? 0;
  visit.res.appendHeader('set-cookie', `simulator_authorization_${port}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`);
  return { location: routes.login };
}

/** Where to go after login: a path of this site, never another site. */
function returnTo(fields: URLSearchParams): string {
  const wanted = fields.get('return_to') ?? '';
  return /^\/oauth2\/[\w/.~-]*(?:\?[\w=&%.~+-]*)?$/u.test(wanted) ? wanted : routes.clients;
}
