// Owns the list of OAuth clients and the page of one: its identifier, its secret, its scopes.

import type { Fault } from '../../../errors.ts';
import { type Client, type ClientRegistry, grantTitles } from '../clients.ts';
import { routes } from '../routes.ts';
import { type Answer, message, type SiteRoute, type Visit } from '../site.ts';
import { clientForm, registrationOf, scopeChoice } from './client-form.ts';
import { html } from './html.ts';
import { csrfField } from './layout.ts';

const scopesPrefix = `${routes.clients}/scopes`;
const deactivatePrefix = `${routes.clients}/deactivate`;

export interface ClientPageParts {
  readonly clients: ClientRegistry;
  readonly scopeNames: readonly string[];
  /** Called when a client is deactivated: its tokens end. */
  readonly onDeactivate: (clientId: string) => void;
}

export function clientRoutes(parts: ClientPageParts): readonly SiteRoute[] {
  return [
    { method: 'GET', path: routes.clients, answer: () => list(parts) },
    { method: 'POST', path: routes.clients, answer: (visit) => create(parts, visit) },
    { method: 'GET', path: routes.newClient, answer: (visit) => blank(parts, visit) },
    { method: 'GET', path: `${routes.clients}/:id`, answer: (visit) => show(parts, visit) },
    { method: 'POST', path: `${scopesPrefix}/:id`, answer: (visit) => changeScopes(parts, visit) },
    { method: 'POST', path: `${deactivatePrefix}/:id`, answer: (visit) => deactivate(parts, visit) },
  ];
}

function list(parts: ClientPageParts): Answer {
  const rows = parts.clients.list().map(
    (client) => html`<tr><td><a href="${routes.clients}/${client.clientId}">${client.name}</a></td>
<td>${grantTitles[client.grantType]}</td><td>${client.login}</td><td>${client.isActive ? 'Active' : 'Inactive'}</td></tr>`,
  );
  const table = html`<div class="scroll"><table><thead><tr><th scope="col">Name</th><th scope="col">Grant type</th>
<th scope="col">Login</th><th scope="col">Status</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  const body = html`<p><a class="button primary" href="${routes.newClient}">Create</a></p>
${rows.length > 0 ? table : html`<p>There is no client yet.</p>`}`;
  return { page: { title: 'OAuth2/OpenID Connect clients', body } };
}

function blank(parts: ClientPageParts, visit: Visit): Answer {
  const body = clientForm({ csrf: visit.session.csrf, scopeNames: parts.scopeNames });
  return { page: { title: 'Create a client', body } };
}

function create(parts: ClientPageParts, visit: Visit): Answer {
  const values = registrationOf(visit.form);
  const faults = parts.clients.faults(values);
  if (faults.length > 0) {
    const body = clientForm({ csrf: visit.session.csrf, scopeNames: parts.scopeNames, values, faults });
    return { status: 422, page: { title: 'Create a client', body } };
  }
  return { location: `${routes.clients}/${parts.clients.register(values).clientId}` };
}

function show(parts: ClientPageParts, visit: Visit): Answer {
  const client = parts.clients.find(visit.id);
  return client ? clientPage(parts, visit, client) : unknown();
}

function changeScopes(parts: ClientPageParts, visit: Visit): Answer {
  const client = parts.clients.find(visit.id);
  if (!client) return unknown();
  const scopes = visit.form.getAll('scopes');
  const faults = parts.clients.scopeFaults(scopes);
  if (faults.length > 0) return clientPage(parts, visit, { ...client, scopes }, faults);
  parts.clients.changeScopes(client.clientId, scopes);
  return { location: `${routes.clients}/${client.clientId}` };
}

function deactivate(parts: ClientPageParts, visit: Visit): Answer {
  const client = parts.clients.find(visit.id);
  if (!client) return unknown();
  parts.clients.deactivate(client.clientId);
  parts.onDeactivate(client.clientId);
  return { location: `${routes.clients}/${client.clientId}` };
}

function clientPage(parts: ClientPageParts, visit: Visit, client: Client, faults: readonly Fault[] = []): Answer {
  const csrf = csrfField(visit.session.csrf);
  const secret = html`<details><summary><span class="closed">Show</span><span class="opened">Hide</span></summary><code>${client.clientSecret}</code></details>`;
  const body = html`<dl class="card">
<dt>Status</dt><dd>${client.isActive ? 'Active' : 'Inactive: token requests are refused'}</dd>
<dt>Grant type</dt><dd>${grantTitles[client.grantType]}</dd>
<dt>Identifier</dt><dd><code>${client.clientId}</code></dd>
<dt>Secret</dt><dd>${client.isPublic ? 'None: PKCE alone' : secret}</dd>
<dt>Login</dt><dd>${client.login}</dd>
<dt>Contact</dt><dd>${client.contactFirstName} ${client.contactLastName}, ${client.contactEmail}</dd>
${client.redirectUris.length > 0 && html`<dt>Redirect URIs</dt><dd>${client.redirectUris.map((uri) => html`<code>${uri}</code><br>`)}</dd>`}
<dt>Scopes</dt><dd>${client.scopes.map((scope) => html`<code>${scope}</code><br>`)}</dd>
</dl>
${
  client.isActive &&
  html`<details class="card"${faults.length > 0 && html` open`}><summary>Edit scopes</summary>
<form method="post" action="${scopesPrefix}/${client.clientId}">${csrf}
${scopeChoice(parts.scopeNames, client.scopes, faults)}
<p class="hint">Token requests that still ask for a removed scope are refused from now on.</p>
<div class="actions"><button class="primary">Save scopes</button></div></form></details>
<form method="post" action="${deactivatePrefix}/${client.clientId}">${csrf}<button>Deactivate</button></form>`
}
<p><a href="${routes.clients}">All clients</a></p>`;
  return { status: faults.length > 0 ? 422 : 200, page: { title: client.name, body } };
}

function unknown(): Answer {
  return message(404, 'No such client', 'There is no client of that identifier.');
}
